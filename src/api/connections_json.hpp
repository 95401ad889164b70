#pragma once

#include <string>
#include <string_view>

#include "app/connections.hpp"

namespace paylink::api {

// The body of POST /v2/payment_links/connections (contract 1.1). Fails with every fault of it, in the order of the
// schema's fields. In the sandbox the callback may be http on the loopback.
Result<app::BeginConnection> decode_begin_connection(std::string_view body, app::Onboarding onboarding);

std::string connection_json(const app::Connection& connection, std::string_view location);

}  // namespace paylink::api
