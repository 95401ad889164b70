#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "simulator/payments.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

struct Chargeback {
  std::int64_t number = 0;  // grows with each chargeback
  std::string id;
  std::string payment_id;
  Amount amount;
  Time created_at;
  std::optional<Time> reversed_at;
};

class Chargebacks {
 public:
  explicit Chargebacks(sql::Transaction& tx) : tx_(tx) {}

  // The payer's bank takes back what remains of a payment. Fails with `unprocessable` when that is nothing, or the
  // payment is not paid. This and the next queue a notification.
  Result<> insert(const Payment& payment);
  // It gives the last one up again. Fails with `unprocessable` when there is none, or it was given up already.
  Result<> reverse(const Payment& payment);

  Result<Chargeback> find(const Payment& payment, std::string_view id);  // fails with `not_found`
  Result<std::vector<Chargeback>> list(const Payment& payment);          // newest first

  // The same over all payments of a tenant.
  Result<Chargeback> find(std::string_view tenant, std::string_view id);
  Result<std::vector<Chargeback>> list(std::string_view tenant, std::int64_t from, Direction direction, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::simulator
