#include "http/web_address.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>
#include <charconv>

#include "base/ascii.hpp"

namespace paylink::http {
namespace {

// Boost takes any digits, and none.
bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return read.ec == std::errc() && port > 0;
}

}  // namespace

bool WebAddress::is_loopback() const {
  const bool v4 =
      host.starts_with("127.") && std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return v4 || host == "::1" || host == "localhost";
}

std::optional<WebAddress> parse_web_address(std::string_view text) {
  const auto url = boost::urls::parse_uri({text.data(), text.size()});
  if (!url || !url->has_authority() || url->encoded_host().empty()) return std::nullopt;
  const bool https = url->scheme_id() == boost::urls::scheme::https;
  if (!https && url->scheme_id() != boost::urls::scheme::http) return std::nullopt;
  // A percent sign within a host is one more way to hide where it leads.
  if (url->encoded_host().find('%') != std::string_view::npos) return std::nullopt;
  if (url->has_port() && !is_port(url->port())) return std::nullopt;
  WebAddress address{https ? Scheme::https : Scheme::http, lower_ascii(url->host_address()), {}, url->has_userinfo()};
  const bool v6 = url->host_type() == boost::urls::host_type::ipv6;
  address.authority = v6 ? "[" + address.host + "]" : address.host;
  const int usual = https ? 443 : 80;
  if (url->has_port() && url->port_number() != usual) address.authority += ":" + std::to_string(url->port_number());
  return address;
}

std::string authority_of(std::string_view url) {
  auto address = parse_web_address(url);
  return address ? std::move(address->authority) : std::string();
}

}  // namespace paylink::http
