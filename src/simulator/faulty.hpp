#pragma once

#include <functional>
#include <string_view>

#include "http/server.hpp"
#include "simulator/faults.hpp"
#include "simulator/wire.hpp"

namespace paylink::simulator {

// Lets a call go wrong. `answer` does what was asked for, and is called at most once, on the exchange's event loop.
void answer_badly(http::Exchange& exchange, const Hit& hit, std::function<http::Response()> answer, Wire& wire,
                  std::string_view base_url);

// What is said at `/faults`: POST sets one rule more, GET shows all, DELETE clears them.
http::Response answer_about_faults(const http::Request& request, FaultDial& dial, std::string_view base_url);

}  // namespace paylink::simulator
