#include "app/flows.hpp"

#include "base/log.hpp"
#include "base/utf8.hpp"

namespace paylink::app {
namespace {

// A flow that ended its process this often is not begun again: it may be what ends it.
constexpr std::int64_t runs_max = 5;

Failure in_progress() {
  return fail(ErrorCode::conflict, "idempotency_in_progress",
              "A request with this idempotency key is still being handled.");
}

// A body that is no text is none that was read: whoever reads one refuses such before anything begins. The request is
// the same without it, and PostgreSQL would not store it.
std::string_view kept_body(std::string_view body) { return is_text(body) ? body : std::string_view(); }

}  // namespace

Result<BegunFlow> begin_flow(const IdempotentRequest& idempotent, const Caller& caller, const FlowRequest& request,
                             sql::Transaction& tx) {
  auto stored = TRY(find_stored_answer(idempotent, tx));
  if (stored) return BegunFlow(*std::move(stored));
  store::RunningFlows flows(tx);
  auto flow = TRY(flows.find(idempotent.organization, idempotent.key_hash));
  const bool is_another = flow && flow->fingerprint != idempotent.fingerprint;
  if (is_another && idempotent.rule == Idempotency::strict) return key_reused();
  // With the lax rule the key still stands for the first request: whoever sends another one waits for its answer, and
  // does not run it with a body of his own.
  if (is_another || (flow && flow->lease_until > tx.now())) return in_progress();
  if (!flow)
    flow = RunningFlow{idempotent.organization,
                       idempotent.key_hash,
                       idempotent.fingerprint,
                       caller.principal,
                       std::string(request.method),
                       std::string(request.target),
                       std::string(kept_body(request.body)),
                       0,
                       {}};
  ++flow->runs;
  flow->lease_until = tx.now() + flow_lease;
  TRY(flows.put(*flow));
  return BegunFlow(*std::move(flow));
}

Result<> finish_flow(const RunningFlow& flow, int status, std::string_view body, sql::Transaction& tx) {
  if (!TRY(store::RunningFlows(tx).remove(flow))) return in_progress();
  return store_answer({flow.organization, flow.key_hash, flow.fingerprint, Idempotency::strict}, status, body, tx);
}

Result<> abandon_flow(const RunningFlow& flow, sql::Transaction& tx) {
  TRY(store::RunningFlows(tx).remove(flow));
  return {};
}

Result<std::optional<RunningFlow>> take_over_flow(sql::Transaction& tx) {
  store::RunningFlows flows(tx);
  auto flow = TRY(flows.take_over_one(flow_lease));
  if (!flow || flow->runs <= runs_max) return flow;
  LOG(error, "flow_abandoned", {"method", flow->method}, {"target", flow->target}, {"runs", flow->runs});
  TRY(flows.remove(*flow));
  return std::optional<RunningFlow>();
}

Result<> end_flow_leases(sql::Transaction& tx) { return store::RunningFlows(tx).end_leases(); }

}  // namespace paylink::app
