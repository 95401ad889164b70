#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paylink::http {

enum class Scheme : std::uint8_t { http, https };

// An absolute http or https URL that somebody sent us (RFC 3986), and what to judge it by.
struct WebAddress {
  Scheme scheme;
  std::string host;       // in small letters, without port; an IPv6 address without brackets
  std::string authority;  // host and, unless it is the scheme's own, port: to be shown to people
  bool has_user = false;  // says `user@`, which hides from people where it leads

  // 127.0.0.0/8, ::1 and localhost.
  bool is_loopback() const;
};

// Absent for anything else, and for one that is not ASCII: an international name is sent as xn--.
std::optional<WebAddress> parse_web_address(std::string_view text);

// Where a URL leads, to be shown to people; empty for anything else.
std::string authority_of(std::string_view url);

}  // namespace paylink::http
