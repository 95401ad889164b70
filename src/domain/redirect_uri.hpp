#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink {

// Where the browser goes with an authorization code (RFC 6749, section 3.1.2; RFC 9700, section 4.1; RFC 8252, section
// 7).
enum class RedirectUriKind : std::uint8_t {
  web,          // https://shop.example/callback
  loopback,     // http://127.0.0.1/callback, http://[::1]/callback: whichever port the program gets
  localhost,    // http://localhost:3000/callback: that port
  private_use,  // com.example.app:/callback: of an app on a device, which cannot keep a secret
};

inline constexpr std::size_t redirect_uri_bytes_max = 2'000;
inline constexpr std::size_t redirect_uris_max = 20;  // of one application

// The kind of a URI that an application may register: an absolute one of RFC 3986 in ASCII, without user, fragment or
// `*`. Fails with `bad_redirect_uri` and a sentence about the rule that it breaks.
Result<RedirectUriKind> redirect_uri_kind(std::string_view uri);

// Whether a request may name `requested` when `registered` is. They must be the same bytes, except that the port of a
// loopback one may be another or left out (RFC 8252, section 7.3).
bool redirect_uri_matches(std::string_view registered, std::string_view requested);

// The host of an http or https URI, in small letters; empty for any other, and when anything but a port is beside it.
std::string web_host(std::string_view uri);

}  // namespace paylink
