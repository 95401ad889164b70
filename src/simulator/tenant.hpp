#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink::simulator {

// What stands behind `Bearer ` of an Authorization field; empty when there is nothing of the kind.
std::string_view bearer_of(std::optional<std::string_view> authorization);

// Whose payments a request is about: a digest of its API key. Any key of a test mode's shape (`test_` and at least ten
// letters or digits) is one profile of its own; everything else fails with `unauthenticated`.
Result<std::string> tenant_of(std::string_view key);

// The same for a key that is well-formed.
std::string tenant_of_key(std::string_view key);

Failure unauthenticated();

}  // namespace paylink::simulator
