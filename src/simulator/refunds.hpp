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
  std::int64_t number = 0;  // grows with each refund
  std::string id;
  std::string payment_id;
  std::string tenant;  // of the payment
  std::string status;  // queued, pending, processing, refunded, canceled
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
  // Takes it back while it is queued or pending; later it fails with `not_found`.
  Result<> cancel(const Payment& payment, std::string_view id);

  // The same over all payments of a tenant.
  Result<Refund> find(std::string_view tenant, std::string_view id);
  Result<std::vector<Refund>> list(std::string_view tenant, std::int64_t from, Direction direction, int limit);

  // Refunds move on with time: queued, a second later pending, after two processing, after three refunded; a
  // notification is queued of each of the last two.
  Result<> settle();

 private:
  Result<> notify_of(std::int64_t payment_number);

  sql::Transaction& tx_;
};

}  // namespace paylink::simulator
