#pragma once

#include <string>

#include "json/value.hpp"

namespace paylink::simulator {

// A value as JSON again: what a client sends and gets back.
std::string json_text(json::Value value);

}  // namespace paylink::simulator
