#pragma once

#include "json/value.hpp"
#include "json/writer.hpp"

namespace paylink::simulator {

// Writes a value as it was read.
void copy_json(json::Writer& out, json::Value value);

}  // namespace paylink::simulator
