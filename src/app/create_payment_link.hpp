#pragma once

#include "app/caller.hpp"
#include "app/payment_link_command.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// Stores a new open link and tells the outbox. Fails with `invalid` when the organization has no provider connection to
// be paid through, and with `out_of_range` for an expiration date that is not 60 seconds to 5 years ahead.
Result<PaymentLink> create_payment_link(const CreatePaymentLink& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
