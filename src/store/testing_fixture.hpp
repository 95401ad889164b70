#pragma once

#include <string_view>

#include "store/attempts.hpp"
#include "store/money_movements.hpp"
#include "store/testing.hpp"

namespace paylink::store::testing {

// Two organizations, and what tests of the stores put into them.
struct Fixture {
  Attempt make_attempt(const PaymentLink& link) {
    const Time now = database.clock.now();
    Attempt attempt{.organization = link.organization,
                    .id = AttemptId::create(now, database.random),
                    .payment_link = link.id,
                    .connection = ConnectionId::create(now, database.random),
                    .nonce = Uuid::v4(database.random),
                    .amount = link.amount,
                    .payee = "Shop",
                    .method = PaymentMethod::paypal,
                    .debitor_email = "payer@example.com",
                    .provider_payment_id = {},
                    .checkout_url = {},
                    .created_at = now,
                    .superseded_at = {},
                    .paid_at = {}};
    database.random.fill(std::as_writable_bytes(std::span(attempt.token)));
    return attempt;
  }
  Result<> insert(const Attempt& attempt, Reusable reusable = Reusable::no) {
    return database.write([&](sql::Transaction& tx) {
      return Attempts(tx).insert(attempt, reusable, tx.now() + std::chrono::seconds(30));
    });
  }
  Capture capture_of(const Attempt& attempt, Kept kept) {
    const Time now = database.clock.now();
    return {attempt.organization,
            CaptureId::create(now, database.random),
            attempt.payment_link,
            attempt.id,
            kept,
            attempt.amount,
            now};
  }
  Refund refund_of(const Attempt& attempt) {
    return Refund{.organization = attempt.organization,
                  .id = RefundId::create(database.clock.now(), database.random),
                  .attempt = attempt.id,
                  .amount = attempt.amount,
                  .provider_refund_id = {},
                  .created_at = database.clock.now()};
  }

  Chargeback chargeback_of(const Attempt& attempt, std::string name = "chb_1") {
    const Time now = database.clock.now();
    return {attempt.organization,
            ChargebackId::create(now, database.random),
            attempt.id,
            std::move(name),
            attempt.amount,
            now,
            {}};
  }

  Database database;
  Organization ours = add_organization(database, "ours");
  Organization theirs = add_organization(database, "theirs");
};

inline std::string_view token_of(const Attempt& attempt) {
  return {reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size()};
}

}  // namespace paylink::store::testing
