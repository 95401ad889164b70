#include "app/due_times.hpp"

#include "app/flows.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/money_movements.hpp"
#include "store/running_flows.hpp"

namespace paylink::app {
namespace {

// Twice as long as each is put off at most, so that nodes whose clocks are not quite one do not hurry each other.
constexpr std::chrono::hours payments_wait{2};
constexpr std::chrono::hours chargeback_looks_wait{16};

}  // namespace

Result<int> bring_forward(int limit, sql::Transaction& tx) {
  const Time now = tx.now();
  const int attempts = TRY(store::Attempts(tx).bring_forward(now + payments_wait, limit));
  const int refunds = TRY(store::MoneyMovements(tx).bring_refunds_forward(now + payments_wait, limit));
  const int looks = TRY(store::Connections(tx).bring_chargeback_looks_forward(now + chargeback_looks_wait, limit));
  TRY(store::RunningFlows(tx).end_leases(now + 2 * flow_lease));
  const int found = attempts + refunds + looks;
  if (found > 0)
    LOG(warn, "clock_was_set_back", {"attempts", attempts}, {"refunds", refunds}, {"chargeback_looks", looks});
  return found;
}

}  // namespace paylink::app
