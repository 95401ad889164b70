#include "http/web_address.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>
#include <charconv>

#include "base/ascii.hpp"
#include "http/hosts.hpp"

namespace paylink::http {
namespace {

// Boost takes any digits, and none.
bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return read.ec == std::errc() && port > 0;
}

std::optional<WebAddress> read(const boost::urls::url_view& url) {
  const bool https = url.scheme_id() == boost::urls::scheme::https;
  if (!https && url.scheme_id() != boost::urls::scheme::http) return std::nullopt;
  // A percent sign within a host is one more way to hide where it leads.
  if (url.encoded_host().empty() || url.encoded_host().find('%') != std::string_view::npos) return std::nullopt;
  if (url.has_port() && !is_port(url.port())) return std::nullopt;
  WebAddress address{https ? Scheme::https : Scheme::http, lower_ascii(url.host_address()), {}, url.has_userinfo()};
  const bool v6 = url.host_type() == boost::urls::host_type::ipv6;
  address.authority = v6 ? "[" + address.host + "]" : address.host;
  const int usual = https ? 443 : 80;
  if (url.has_port() && url.port_number() != usual) address.authority += ":" + std::to_string(url.port_number());
  return address;
}

// Boost 1.81 ends an authority behind an address, and takes what follows for a path, which would begin with a slash:
// it reads 127.0.0.1 out of http://127.0.0.1.evil.example.
bool has_whole_authority(const boost::urls::url_view& url) {
  return url.has_authority() && (url.encoded_path().empty() || url.encoded_path().starts_with('/'));
}

}  // namespace

bool WebAddress::is_loopback() const {
  const auto address = canonical_address(host);
  return address ? address->starts_with("127.") || *address == "::1" : host == "localhost";
}

std::optional<WebAddress> parse_web_address(std::string_view text) {
  const auto url = boost::urls::parse_uri({text.data(), text.size()});
  if (!url || !url->has_authority()) return std::nullopt;
  if (has_whole_authority(*url)) return read(*url);
  if (url->host_type() != boost::urls::host_type::ipv4) return std::nullopt;
  // With a letter before it, it is no address any more.
  std::string named(text);
  named.insert(static_cast<std::size_t>(url->encoded_host().data() - text.data()), 1, 'x');
  const auto whole = boost::urls::parse_uri(named);
  auto address = whole && has_whole_authority(*whole) ? read(*whole) : std::nullopt;
  if (!address) return std::nullopt;
  address->host.erase(0, 1);
  address->authority.erase(0, 1);
  return address;
}

std::string authority_of(std::string_view url) {
  auto address = parse_web_address(url);
  return address ? std::move(address->authority) : std::string();
}

}  // namespace paylink::http
