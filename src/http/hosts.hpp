#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"

namespace paylink::http {

// True for `host` or `host:port` where the host is a registered name without escapes, an IPv4 address or an IPv6
// address in brackets (RFC 9110 section 7.2, without the rarely meant parts of its grammar).
bool is_host(std::string_view value);

// True when `host` is one of `allowed` (lower case), in any case and with or without the default ports 80 and 443.
bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed);

// The address in its one numeric spelling; an IPv4 address inside IPv6 becomes plain. Absent when it is none.
std::optional<std::string> canonical_address(std::string_view text);

// Who sent the request: `peer`, unless that is one of `trusted`; then the last address of X-Forwarded-For that is not.
// What is not an address ends the search at the trusted peer before it. The result views `peer` or a field's value.
std::string_view client_address(const Request& request, std::string_view peer, const std::vector<std::string>& trusted);

}  // namespace paylink::http
