#include "runtime/count_exchange.hpp"

#include "base/log.hpp"

namespace paylink::runtime {
namespace {

// One a second: as long as others listen.
constexpr std::size_t waiting_max = std::chrono::seconds(app::node_counts_kept).count();

}  // namespace

CountExchange::CountExchange(ClientLimiter& limiter, app::Lane& lane, const Clock& clock, Random& random)
    : limiter_(limiter), lane_(lane), clock_(clock), round_{Uuid::v7(clock.now(), random), {}, {}} {}

// One more publication, even if those before it still wait: each tells of its own second, and those who hear it count
// it there.
void CountExchange::gather() {
  const auto counts = limiter_.take_admitted(client_counts_max);
  if (counts.empty()) return;
  if (round_.own.size() == waiting_max) round_.own.erase(round_.own.begin());
  round_.own.push_back({++sequence_, clock_.now(), encode_client_counts(counts)});
}

void CountExchange::count(const app::HeardCounts& heard, Moment now) {
  const auto counts = decode_client_counts(heard.counts);
  if (counts)
    limiter_.add_foreign(*counts, heard.age, now);
  else
    LOG(warn, "node_counts_unreadable", {"node", heard.node.text()}, {"detail", counts.error().detail});
}

Task<Result<app::ExchangedCounts>> CountExchange::in_transaction() {
  const auto step = [this](sql::Transaction& tx) { return app::exchange_counts(round_, tx); };
  if (round_.own.empty()) {
    auto heard = co_await lane_.read(sql::Tenant::nobody(), step);
    co_return heard;
  }
  auto exchanged = co_await lane_.write(sql::Tenant::nobody(), step);
  co_return exchanged;
}

Task<Result<int>> CountExchange::exchange(Moment now) {
  gather();
  CO_TRY(exchanged, co_await in_transaction());
  round_.own.clear();
  round_.last_heard = std::move(exchanged.last_heard);
  for (const app::HeardCounts& heard : exchanged.heard) count(heard, now);
  co_return static_cast<int>(exchanged.heard.size());
}

}  // namespace paylink::runtime
