#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <variant>

#include "app/idempotency.hpp"
#include "store/running_flows.hpp"

namespace paylink::app {

// A flow with an idempotency key (design: recovery). Its key is committed as running before anything happens, with the
// request itself; its answer is stored with its last effect. Whoever runs it holds it for two minutes, longer than its
// calls take; after a crash it is begun again from its start, so a flow is written to bear that.
using RunningFlow = store::RunningFlow;

// A flow calls this in its last transaction with what it will reply, and returns the failure when there is one: the
// answer is stored with the effect, or neither is. Without a key it does nothing.
template <class Reply>
using KeepReply = std::function<Result<>(const Reply& reply, sql::Transaction& tx)>;

struct FlowRequest {
  std::string_view method;  // HTTP
  std::string_view target;
  std::string_view body;
};

// The answer given before, or a flow that is now the caller's to run. Fails as find_stored_answer does:
// `idempotency_in_progress` too while another runs it.
using BegunFlow = std::variant<ReplayedAnswer, RunningFlow>;
Result<BegunFlow> begin_flow(const IdempotentRequest& idempotent, const Caller& caller, const FlowRequest& request,
                             sql::Transaction& tx);

// Whoever runs a flow holds it for so long.
constexpr std::chrono::minutes flow_lease{2};

// Stores a flow's 2xx answer. Fails with `idempotency_in_progress` when somebody else has taken it over: then nothing
// of this run must stay.
Result<> finish_flow(const RunningFlow& flow, int status, std::string_view body, sql::Transaction& tx);

// It failed: the key may be used again.
Result<> abandon_flow(const RunningFlow& flow, sql::Transaction& tx);

// A flow whose runner is gone, to be run again; absent when there is none. One that has been begun too often is
// abandoned instead.
Result<std::optional<RunningFlow>> take_over_flow(sql::Transaction& tx);

// Whoever ran a flow is gone: for a process that is alone on its database, when it starts.
Result<> end_flow_leases(sql::Transaction& tx);

}  // namespace paylink::app
