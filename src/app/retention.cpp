#include "app/retention.hpp"

#include "app/exchange_counts.hpp"
#include "store/api_keys.hpp"
#include "store/events.hpp"
#include "store/idempotency_keys.hpp"
#include "store/node_counts.hpp"

namespace paylink::app {
namespace {

constexpr std::chrono::days idempotency_keys_kept{30};
constexpr std::chrono::days outbox_kept{7};
constexpr std::chrono::days ended_api_keys_kept{90};

}  // namespace

Result<int> purge_old_rows(int limit, sql::Transaction& tx) {
  // Of several nodes one is enough, and two would wait for each other's rows.
  if (!TRY(tx.try_claim("retention"))) return 0;
  const int keys = TRY(store::IdempotencyKeys(tx).purge(tx.now() - idempotency_keys_kept, limit));
  const int events = TRY(store::Events(tx).purge_outbox(tx.now() - outbox_kept, limit));
  const int ended = TRY(store::ApiKeys(tx).purge(tx.now() - ended_api_keys_kept, limit));
  const int counts = TRY(store::NodeCounts(tx).purge(tx.now() - node_counts_kept, limit));
  return keys + events + ended + counts;
}

}  // namespace paylink::app
