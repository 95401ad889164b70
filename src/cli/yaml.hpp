#pragma once

#include <string>

#include "json/value.hpp"

namespace paylink::cli {

// A JSON value as YAML (1.1 and 1.2 read it alike): whatever a reader could take for something else than text is
// quoted.
std::string to_yaml(json::Value value);

}  // namespace paylink::cli
