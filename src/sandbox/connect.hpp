#pragma once

#include <vector>

#include "pages/site.hpp"
#include "runtime/routes.hpp"
#include "sandbox/routes.hpp"

namespace paylink::sandbox {

// The page on which a connection of the sandbox is finished, by anybody who has its address:
//   GET  /connect/{word}
//   POST /connect/{word}                  decision=enable or disable
// and the same for scripts, for the sandbox's own organization:
//   POST /sandbox/connections {"status":"enabled"}     or "disabled"
// The page is left out where connections are finished as in a server.
enum class DecisionPage : std::uint8_t { there, left_out };
std::vector<runtime::Route> connect_routes(const Tools& tools, DecisionPage page, runtime::ErrorEncoder encode_error);

}  // namespace paylink::sandbox
