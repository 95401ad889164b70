#pragma once

#include <string>
#include <vector>

#include "process.hpp"

namespace paylink::scenario {

// A route of the program, as it says itself; `access` is a scope, "caller", "session" or "open".
struct Route {
  std::string method, pattern, access;
  std::string name() const { return method + " " + pattern; }
};

// All of them: the program lists them at log level debug. At least one request must have been answered.
std::vector<Route> routes_of(const Process& process);

// The pattern with `value` in the place of its variable, when it has one, and `second` in that of the next.
std::string filled(const std::string& pattern, const std::string& value, const std::string& second = "x");

}  // namespace paylink::scenario
