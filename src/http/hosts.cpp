#include "http/hosts.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <algorithm>
#include <ranges>

#include "base/ascii.hpp"

namespace paylink::http {
namespace {

constexpr std::size_t host_bytes_max = 255;
constexpr std::size_t port_digits_max = 5;

constexpr bool is_name_character(char c) {
  return is_digit(c) || (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}
constexpr bool is_literal_character(char c) {
  return is_digit(c) || (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'f') || c == ':' || c == '.';
}

bool contains(const std::vector<std::string>& addresses, std::string_view address) {
  return std::ranges::find(addresses, address) != addresses.end();
}

}  // namespace

bool is_host(std::string_view value) {
  if (value.empty() || value.size() > host_bytes_max) return false;
  std::string_view rest;
  if (value.front() == '[') {
    const std::size_t end = value.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    if (!std::ranges::all_of(value.substr(1, end - 1), is_literal_character)) return false;
    rest = value.substr(end + 1);
  } else {
    const std::size_t end = std::min(value.find(':'), value.size());
    if (end == 0 || !std::ranges::all_of(value.substr(0, end), is_name_character)) return false;
    rest = value.substr(end);
  }
  if (rest.empty()) return true;
  return rest.front() == ':' && rest.size() >= 2 && rest.size() <= port_digits_max + 1 &&
         std::ranges::all_of(rest.substr(1), is_digit);
}

bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed) {
  std::string_view bare = host;
  for (const std::string_view port : {":80", ":443"})
    if (bare.size() == host.size() && bare.ends_with(port)) bare.remove_suffix(port.size());
  return std::ranges::any_of(allowed, [&](const std::string& one) {
    return equal_ignoring_case(host, one) || equal_ignoring_case(bare, one);
  });
}

std::optional<std::string> canonical_address(std::string_view text) {
  char spelled[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof spelled || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  in6_addr wide{};
  in_addr narrow{};
  if (::inet_pton(AF_INET, copy.c_str(), &narrow) == 1)
    return std::string(::inet_ntop(AF_INET, &narrow, spelled, sizeof spelled));
  if (::inet_pton(AF_INET6, copy.c_str(), &wide) != 1) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&wide)) return std::string(::inet_ntop(AF_INET, wide.s6_addr + 12, spelled, sizeof spelled));
  return std::string(::inet_ntop(AF_INET6, &wide, spelled, sizeof spelled));
}

std::string_view client_address(const Request& request, std::string_view peer,
                                const std::vector<std::string>& trusted) {
  std::string_view client = peer;
  if (!contains(trusted, peer)) return client;
  constexpr std::string_view name = "X-Forwarded-For";
  for (const Request::Field& field : request.fields | std::views::reverse) {
    if (!equal_ignoring_case(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = rest.rfind(',');
      const std::string_view part = trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
      const auto address = canonical_address(part);
      if (!address) return client;
      client = part;
      if (!contains(trusted, *address)) return client;
    }
  }
  return client;
}

}  // namespace paylink::http
