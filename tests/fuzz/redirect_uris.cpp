// Where codes and merchants may be sent (domain/redirect_uri), held against the parser of addresses that the rest of
// the server asks (http/web_address). Two lines: what an application registered, and what a request names.
#include <algorithm>
#include <string>

#include "domain/redirect_uri.hpp"
#include "http/web_address.hpp"
#include "input.hpp"

namespace paylink {
namespace {

// Both read the same place out of it, or one of them none.
void check_host(std::string_view uri) {
  const std::string host = web_host(uri);
  const auto address = http::parse_web_address(uri);
  if (host.empty() || !address) return;
  ENSURE(!address->has_user);
  ENSURE(host == address->host || host == "[" + address->host + "]");
}

void check_kind(std::string_view uri) {
  const auto kind = redirect_uri_kind(uri);
  if (!kind) {
    ENSURE(kind.error().reason == "bad_redirect_uri" && fuzz::is_utf8(kind.error().message));
    return;
  }
  ENSURE(uri.size() <= redirect_uri_bytes_max && std::ranges::all_of(uri, [](char c) { return c > ' ' && c <= '~'; }));
  ENSURE(uri.find_first_of("#*\\\"<>") == std::string_view::npos);
  const auto address = http::parse_web_address(uri);
  if (*kind == RedirectUriKind::private_use) {
    ENSURE(web_host(uri).empty() && !address);
    return;
  }
  ENSURE(address.has_value() && !address->has_user && !web_host(uri).empty());
  ENSURE((*kind == RedirectUriKind::web) == (address->scheme == http::Scheme::https));
  if (*kind == RedirectUriKind::localhost) ENSURE(address->host == "localhost");
  if (*kind == RedirectUriKind::loopback) ENSURE(address->host == "127.0.0.1" || address->host == "::1");
}

// What stands behind host and port.
std::string_view path_of(std::string_view uri) {
  constexpr std::size_t scheme = std::string_view("http://").size();
  return uri.substr(std::min(uri.find_first_of("/?", scheme), uri.size()));
}

// But for its bytes, only a port of this machine may be another.
void check_match(std::string_view registered, std::string_view requested) {
  const auto kind = redirect_uri_kind(registered);
  if (!kind) return;
  ENSURE(redirect_uri_matches(registered, registered));
  ENSURE(!redirect_uri_matches(registered, std::string(registered) + "x"));
  const std::string host = web_host(registered);
  if (*kind == RedirectUriKind::loopback)
    ENSURE(redirect_uri_matches(registered, "http://" + host + ":49152" + std::string(path_of(registered))));
  if (registered == requested || !redirect_uri_matches(registered, requested)) return;
  ENSURE(*kind == RedirectUriKind::loopback && host == web_host(requested));
  const auto same = redirect_uri_kind(requested);
  ENSURE(requested.size() > redirect_uri_bytes_max || (same && *same == *kind));
  ENSURE(path_of(registered) == path_of(requested));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = paylink::fuzz::text_of(data, size);
  const std::string_view registered = paylink::fuzz::take_line(rest);
  paylink::check_host(registered);
  paylink::check_kind(registered);
  paylink::check_match(registered, rest);
  paylink::check_match(rest, registered);
  return 0;
}
