#pragma once

#include <functional>

#include "simulator/call.hpp"

namespace paylink::simulator {

// Runs `answer` once for an Idempotency-Key: the same request within 24 hours gets the same answer again, marked
// `Idempotent-Replayed: true`, and another request under the same key fails with `invalid_input`. Only answers that
// changed something are kept. Without the field, just runs it.
Result<http::Response> answer_once(Call& call, const std::function<Result<http::Response>()>& answer);

}  // namespace paylink::simulator
