#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/document.hpp"

// What the mappings of Mollie's answers share.
namespace paylink::providers::mollie {

// An answer that cannot be one; `detail` is for the log, and never holds a secret.
Failure nonsense(const std::string& detail);

// A member of that type; absent when there is none, or of another.
std::optional<json::Value> member(json::Value object, std::string_view key, json::Type type);

}  // namespace paylink::providers::mollie
