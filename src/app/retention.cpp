#include "app/retention.hpp"

#include "app/exchange_counts.hpp"
#include "app/provider_keys.hpp"
#include "store/api_keys.hpp"
#include "store/connections.hpp"
#include "store/events.hpp"
#include "store/idempotency_keys.hpp"
#include "store/node_counts.hpp"
#include "store/oauth_grants.hpp"
#include "store/sessions.hpp"

namespace paylink::app {
namespace {

constexpr std::chrono::days idempotency_keys_kept{30};
constexpr std::chrono::days outbox_kept{7};
constexpr std::chrono::days ended_api_keys_kept{90};
constexpr std::chrono::days ended_grants_kept{7};  // so long a replayed code or refresh token is known for what it is
constexpr std::chrono::days sign_in_failures_kept{1};

}  // namespace

Result<int> purge_old_rows(int limit, sql::Transaction& tx) {
  // Of several nodes one is enough, and two would wait for each other's rows.
  if (!TRY(tx.try_claim("retention"))) return 0;
  const int keys = TRY(store::IdempotencyKeys(tx).purge(tx.now() - idempotency_keys_kept, limit));
  const int events = TRY(store::Events(tx).purge_outbox(tx.now() - outbox_kept, limit));
  const int ended = TRY(store::ApiKeys(tx).purge(tx.now() - ended_api_keys_kept, limit));
  const int counts = TRY(store::NodeCounts(tx).purge(tx.now() - node_counts_kept, limit));
  const int grants = TRY(store::OauthGrants(tx).purge(tx.now() - ended_grants_kept, limit));
  const int sessions = TRY(store::Sessions(tx).purge(tx.now(), limit));
  const int failures = TRY(store::SignInFailures(tx).purge(tx.now() - sign_in_failures_kept, limit));
  const int proposals = TRY(store::Connections(tx).purge_proposals(tx.now() - proposed_key_life, limit));
  return keys + events + ended + counts + grants + sessions + failures + proposals;
}

}  // namespace paylink::app
