#pragma once

#include <vector>

#include "app/sign_in.hpp"
#include "http/request.hpp"

namespace paylink::session {

// What a password tried by this request counts for: the client's network, and of IPv6 the /48 around it, of which he
// may own every /64; it may have four times as many.
std::vector<app::CountedNetwork> networks_of(const http::Request& request);

}  // namespace paylink::session
