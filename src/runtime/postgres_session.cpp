#include "runtime/postgres_session.hpp"

#include <algorithm>
#include <functional>
#include <thread>

#include "base/log.hpp"

namespace paylink::runtime {

Result<sql::postgres::Connection*> PostgresSession::connect(Moment deadline) {
  if (connection_ && connection_->is_alive()) return connection_.get();
  for (int tries = 0;; ++tries) {
    connection_.reset();
    auto opened = open();
    if (opened) {
      connection_ = *std::move(opened);
      was_in_vain_ = false;
      return connection_.get();
    }
    if (tries == 0)
      LOG(warn, "storage_unreachable", {"reason", opened.error().reason}, {"detail", opened.error().detail});
    if (was_in_vain_ || std::chrono::steady_clock::now() >= deadline) {
      was_in_vain_ = true;
      return std::move(opened).failure();
    }
    back_off(tries);
  }
}

Result<std::unique_ptr<sql::postgres::Connection>> PostgresSession::open() const {
  auto opened = TRY(sql::postgres::Connection::open(options_));
  if (admit_) TRY(admit_(*opened));
  return opened;
}

void back_off(int tries) {
  constexpr std::int64_t first_us = 2'000, last_us = 250'000;
  const std::int64_t most = std::min(first_us << std::min(tries, 10), last_us);
  const auto jitter = static_cast<std::int64_t>(std::hash<std::thread::id>{}(std::this_thread::get_id()) >> 4) ^
                      std::chrono::steady_clock::now().time_since_epoch().count();
  std::this_thread::sleep_for(std::chrono::microseconds(most / 2 + std::abs(jitter) % (most / 2 + 1)));
}

}  // namespace paylink::runtime
