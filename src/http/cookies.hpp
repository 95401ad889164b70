#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace paylink::http {

// The value of the cookie of that name (RFC 6265, section 4.2). Absent when there is none, when it comes twice (one of
// them may have been planted by a neighbour of ours, and nothing says which), when its value is not made of
// cookie-octets, and when there are several Cookie fields, which no browser sends (section 5.4).
std::optional<std::string_view> cookie(const Request& request, std::string_view name);

enum class SentOver : std::uint8_t { any, tls };

// A cookie for all our pages and for no other host: `HttpOnly; SameSite=Lax; Path=/` and no Domain.
struct NewCookie {
  std::string_view name;   // with the prefix `__Host-`, browsers take it from us alone, over TLS alone
  std::string_view value;  // cookie-octets; anything else is a bug
  SentOver sent_over = SentOver::tls;
  std::optional<std::chrono::seconds> max_age{};  // absent: until the browser ends; zero: forget it
};

// The value of a Set-Cookie field (RFC 6265, section 4.1).
std::string set_cookie(const NewCookie& cookie);

}  // namespace paylink::http
