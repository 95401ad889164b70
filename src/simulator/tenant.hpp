#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink::simulator {

// Whose payments a request is about: a digest of the API key in its Authorization field. Any key of a test mode's shape
// (`test_` and at least ten letters or digits) is one profile of its own; everything else fails with `unauthenticated`.
Result<std::string> tenant_of(std::optional<std::string_view> authorization);

}  // namespace paylink::simulator
