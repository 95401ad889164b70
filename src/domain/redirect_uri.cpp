#include "domain/redirect_uri.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/ascii.hpp"

namespace paylink {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view loopback_hosts[] = {"127.0.0.1", "[::1]"};

bool is_small_letter(char c) { return letters.find(c) != std::string_view::npos; }
bool is_letter_of_any_case(char c) { return is_small_letter(c) || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return hex_value(c) >= 0; }

Failure bad_uri(std::string message) { return fail(ErrorCode::invalid_input, "bad_redirect_uri", std::move(message)); }

// RFC 3986, section 2: unreserved and reserved characters, but for the brackets, and percent-encoded bytes.
bool is_uri_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
    } else if (!is_letter_of_any_case(c) && !is_digit(c) &&
               std::string_view("-._~:/?#@!$&'()*+,;=").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// A port as it is written in only one way.
bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0' || !std::ranges::all_of(text, is_digit)) return false;
  return std::stoi(std::string(text)) <= 65'535;
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.front() == '.' || host.back() == '.' || host.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(
      host, [](char c) { return is_letter_of_any_case(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ip6_literal(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  const std::string inside(host.substr(1, host.size() - 2));
  if (!std::ranges::all_of(inside, [](char c) { return is_hex(c) || c == ':' || c == '.'; })) return false;
  in6_addr address{};
  return ::inet_pton(AF_INET6, inside.c_str(), &address) == 1;
}

// An address of IPv6 is the only place where brackets may be.
std::string_view behind_ip6_literal(std::string_view authority) {
  const std::size_t end = authority.find(']');
  if (end == std::string_view::npos || !is_ip6_literal(authority.substr(0, end + 1))) return authority;
  return authority.substr(end + 1);
}

struct Parts {
  std::string_view scheme;
  std::optional<std::string_view> authority;  // what stands behind `//`
  std::string_view rest;                      // path and query
};

// Nothing when there is no scheme.
std::optional<Parts> split(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Parts parts{uri.substr(0, colon), std::nullopt, uri.substr(colon + 1)};
  if (parts.rest.starts_with("//")) {
    const std::string_view behind = parts.rest.substr(2);
    const std::size_t end = std::min(behind.find_first_of("/?"), behind.size());
    parts.authority = behind.substr(0, end);
    parts.rest = behind.substr(end);
  }
  return parts;
}

// The host, when that and a port, if there is one, are all of the authority.
std::optional<std::string_view> host_of(std::string_view authority) {
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return std::nullopt;
  if (!is_host_name(host) && !is_ip6_literal(host)) return std::nullopt;
  return host;
}

Result<RedirectUriKind> kind_on_the_web(const Parts& parts) {
  const auto host = host_of(parts.authority.value_or(""));
  if (!host) return bad_uri("A redirect URI needs a host and, if at all, a port: https://shop.example:8443/callback.");
  if (parts.scheme == "https") return RedirectUriKind::web;
  if (std::ranges::find(loopback_hosts, *host) != std::end(loopback_hosts)) return RedirectUriKind::loopback;
  if (*host == "localhost") return RedirectUriKind::localhost;
  return bad_uri("With http a redirect URI may only lead to this machine: 127.0.0.1, [::1] or localhost. Use https.");
}

// RFC 8252, section 7.1: the name of a domain backwards, so that nobody else's app has the same.
bool is_private_use(std::string_view scheme) {
  if (!is_small_letter(scheme.front()) || scheme.find('.') == std::string_view::npos || scheme.ends_with('.') ||
      scheme.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(
      scheme, [](char c) { return is_small_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '+'; });
}

// What is left of `rest`, which stands behind a host, without its port. Nothing when that is none, or when the host
// goes on.
std::optional<std::string_view> after_port(std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  if (end > 0 && !(rest.starts_with(':') && is_port(rest.substr(1, end - 1)))) return std::nullopt;
  return rest.substr(end);
}

}  // namespace

Result<RedirectUriKind> redirect_uri_kind(std::string_view uri) {
  if (uri.size() > redirect_uri_bytes_max)
    return bad_uri("A redirect URI has at most " + std::to_string(redirect_uri_bytes_max) + " bytes.");
  const auto parts = split(uri);
  if (!parts) return bad_uri("A redirect URI must be absolute, such as https://shop.example/callback.");
  const std::string_view authority = behind_ip6_literal(parts->authority.value_or(""));
  if (!is_uri_text(parts->scheme) || !is_uri_text(authority) || !is_uri_text(parts->rest))
    return bad_uri("A redirect URI may have no other characters than RFC 3986 allows; any other is percent-encoded.");
  if (uri.find('#') != std::string_view::npos) return bad_uri("A redirect URI must not have a fragment (#).");
  if (uri.find('*') != std::string_view::npos)
    return bad_uri("A redirect URI is compared as it stands: there is no wildcard (*). Register each one.");
  if (authority.find('@') != std::string_view::npos) return bad_uri("A redirect URI must not have a user (@).");
  if (parts->scheme == "https" || parts->scheme == "http") return kind_on_the_web(*parts);
  if (!is_private_use(parts->scheme))
    return bad_uri(
        "A redirect URI begins with https://, or with the scheme of an app, which has a dot: com.example.app:/callback "
        "(in small letters).");
  if (!parts->authority && !parts->rest.starts_with('/'))
    return bad_uri("Behind the scheme of an app there must be a path: com.example.app:/callback.");
  return RedirectUriKind::private_use;
}

bool redirect_uri_matches(std::string_view registered, std::string_view requested) {
  if (registered == requested) return true;
  for (const std::string_view host : loopback_hosts) {
    const std::string begin = "http://" + std::string(host);
    if (!registered.starts_with(begin) || !requested.starts_with(begin)) continue;
    const auto wanted = after_port(registered.substr(begin.size()));
    const auto found = after_port(requested.substr(begin.size()));
    return wanted && found && *wanted == *found;
  }
  return false;
}

std::string web_host(std::string_view uri) {
  const auto parts = split(uri.substr(0, uri.find('#')));
  if (!parts || !parts->authority) return {};
  const std::string scheme = lower_ascii(parts->scheme);
  if (scheme != "https" && scheme != "http") return {};
  return lower_ascii(host_of(*parts->authority).value_or(""));
}

}  // namespace paylink
