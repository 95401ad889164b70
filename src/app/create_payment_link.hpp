#pragma once

#include "app/caller.hpp"
#include "app/payment_link_command.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// Stores a new open link, for one year, and tells the outbox. Fails with `invalid` when the organization has no
// provider connection to be paid through.
Result<PaymentLink> create_payment_link(const CreatePaymentLink& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
