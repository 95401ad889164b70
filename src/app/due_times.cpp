#include "app/due_times.hpp"

#include "app/flows.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/money_movements.hpp"
#include "store/provider_grants.hpp"
#include "store/running_flows.hpp"

namespace paylink::app {
namespace {

// Twice as long as each is put off at most, so that nodes whose clocks are not quite one do not hurry each other.
constexpr std::chrono::hours payments_wait{2};
constexpr std::chrono::hours looks_wait{16};
// Whoever has taken one under the clock as it was is done by then: longer than any lease but a flow's.
constexpr std::chrono::minutes moment{2};

}  // namespace

Result<int> bring_forward(int limit, sql::Transaction& tx) {
  // Of several nodes one is enough.
  if (!TRY(tx.try_claim("due_times"))) return 0;
  const Time now = tx.now(), soon = now + moment;
  const int attempts = TRY(store::Attempts(tx).bring_forward(now + payments_wait, soon, limit));
  const int refunds = TRY(store::MoneyMovements(tx).bring_refunds_forward(now + payments_wait, soon, limit));
  const int looks = TRY(store::Connections(tx).bring_chargeback_looks_forward(now + looks_wait, soon, limit));
  const int grants = TRY(store::ProviderGrants(tx).bring_forward(now + looks_wait, soon, limit));
  const int flows = TRY(store::RunningFlows(tx).bring_leases_forward(now + 2 * flow_lease, now + flow_lease, limit));
  const int found = attempts + refunds + looks + grants + flows;
  if (found > 0)
    LOG(warn, "clock_was_set_back", {"attempts", attempts}, {"refunds", refunds}, {"chargeback_looks", looks},
        {"authorizations", grants}, {"requests", flows});
  return found;
}

}  // namespace paylink::app
