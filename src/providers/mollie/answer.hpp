#pragma once

#include <string>

#include "base/result.hpp"

// What the mappings of Mollie's answers share.
namespace paylink::providers::mollie {

// An answer that cannot be one; `detail` is for the log, and never holds a secret.
Failure nonsense(const std::string& detail);

}  // namespace paylink::providers::mollie
