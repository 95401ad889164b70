#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "simulator/amount.hpp"
#include "simulator/payments.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

struct NewRefund {
  Amount amount;
  std::string description;
  std::string metadata = "null";
};

struct Refund : NewRefund {
  std::string id;
  std::string status;  // queued, pending, refunded
  Time created_at;
};

class Refunds {
 public:
  explicit Refunds(sql::Transaction& tx) : tx_(tx) {}

  // Fails with `unprocessable` on a payment that is not paid or beyond what remains of it, and with `conflict` when the
  // same refund was asked for a moment ago.
  Result<Refund> insert(const Payment& payment, const NewRefund& wanted);

  Result<Refund> find(const Payment& payment, std::string_view id);  // fails with `not_found`
  Result<std::vector<Refund>> list(const Payment& payment);          // newest first

  // Refunds move on with time: queued, a second later pending, after three refunded (then a notification is queued).
  Result<> settle();

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::simulator
