#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "runtime/lane_batch.hpp"
#include "sql/postgres/connection.hpp"

namespace paylink::runtime {

// A connection that is made again when it was lost.
class PostgresSession {
 public:
  // `admit` is asked before a new connection is used; none: it is. While it fails there is no connection.
  using Admit = std::function<Result<>(sql::postgres::Connection&)>;

  PostgresSession(std::string url, std::string name, Admit admit)
      : options_{.url = std::move(url), .application_name = std::move(name)}, admit_(std::move(admit)) {}

  // A connection outside of any transaction. Tries until `deadline`, at least once, with growing pauses; only once when
  // the last time was in vain: one batch has waited, and the next ones need not wait as long. Fails with
  // `storage_unavailable`, or as `admit` does.
  Result<sql::postgres::Connection*> connect(Moment deadline);
  sql::postgres::Connection* operator->() { return connection_.get(); }
  sql::postgres::Connection& operator*() { return *connection_; }

 private:
  Result<std::unique_ptr<sql::postgres::Connection>> open() const;

  const sql::postgres::Options options_;
  const Admit admit_;
  std::unique_ptr<sql::postgres::Connection> connection_;
  bool was_in_vain_ = false;
};

// Waits before the next try, longer each time, and never two nodes alike.
void back_off(int tries);

}  // namespace paylink::runtime
