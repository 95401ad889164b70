#pragma once

#include <string>

#include "json/value.hpp"
#include "json/writer.hpp"

namespace paylink::simulator {

// Writes a value as it was read.
void copy_json(json::Writer& out, json::Value value);

// The same as a text: what a client sends and gets back.
std::string json_text(json::Value value);

}  // namespace paylink::simulator
