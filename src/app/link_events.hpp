#pragma once

#include <cstdint>
#include <optional>

#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

enum class LinkEvent : std::uint8_t { created, updated };

// Puts a `v1/payment-links` event (contract.md 5: its `data`) into the outbox, in the transaction of what it tells of.
Result<> tell_link_event(LinkEvent event, const PaymentLink& link, std::optional<PaymentMethod> latest_method_used,
                         sql::Transaction& tx);

}  // namespace paylink::app
