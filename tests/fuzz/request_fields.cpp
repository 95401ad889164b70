// The fields and paths that decide who is asked, by whom, in which language (http/hosts, client_network, router,
// http/request, pages/catalog, pages/site). Five lines: Host, X-Forwarded-For, Accept-Language, Content-Type, path.
#include <algorithm>
#include <array>
#include <string>

#include "http/client_network.hpp"
#include "http/hosts.hpp"
#include "http/router.hpp"
#include "input.hpp"
#include "pages/catalog.hpp"
#include "pages/site.hpp"

namespace paylink {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

void check_host(std::string_view host) {
  if (!http::is_host(host)) return;
  ENSURE(!host.empty() && host.size() <= 255 && host.find_first_of(" \t/\\@?#%,") == std::string_view::npos);
  ENSURE(http::is_allowed_host(host, {lower(host)}));
  ENSURE(!http::is_allowed_host(std::string(host) + ".attacker.example", {lower(host)}));
  ENSURE(!http::is_allowed_host("x" + std::string(host), {lower(host)}) || host.front() == ':');
}

void check_address(std::string_view text) {
  const auto address = http::canonical_address(text);
  const auto network = http::ClientNetwork::of(text);
  ENSURE(address.has_value() == (network.family != http::ClientNetwork::Family::none));
  if (!address) return;
  ENSURE(http::ClientNetwork::of(*address) == network && text.find('\0') == std::string_view::npos);
  ENSURE(address->find_first_not_of("0123456789abcdef.:") == std::string::npos);
  ENSURE(http::canonical_address(*address) == address);
}

void check_client(std::string_view forwarded) {
  static const std::vector<std::string> trusted{"10.0.0.1", "::1"};
  http::Request request;
  request.fields = {{"X-Forwarded-For", "1.2.3.4"}, {"x-forwarded-for", forwarded}};
  ENSURE(http::client_address(request, "8.8.8.8", trusted) == "8.8.8.8");  // a stranger's word counts for nothing
  const auto client = http::client_address(request, "10.0.0.1", trusted);
  const auto address = http::canonical_address(client);
  ENSURE(address.has_value());
  if (std::ranges::count(trusted, *address) > 0 || client == "1.2.3.4") return;
  ENSURE(forwarded.find(client) != std::string_view::npos);
  // What stands before it was written by whoever it is.
  const std::string longer = "9.9.9.9, " + std::string(forwarded);
  request.fields.back().value = longer;
  ENSURE(http::client_address(request, "10.0.0.1", trusted) == client);
}

void check_language(std::string_view accepted) {
  static constexpr std::array<std::string_view, 3> available{"en", "de", "pt-BR"};
  const auto chosen = pages::negotiate(accepted, available);
  ENSURE(std::ranges::count(available, chosen) == 1);
  if (lower(accepted).find(lower(chosen).substr(0, 2)) == std::string::npos)
    ENSURE(chosen == "en" || accepted.find('*') != std::string_view::npos);
}

void check_media_type(std::string_view type) {
  if (!http::is_media_type(type, "application/json")) return;
  ENSURE(lower(type).starts_with("application/json"));
  const std::string_view rest = type.substr(std::string_view("application/json").size());
  ENSURE(rest.empty() || std::string_view(" \t;").find(rest.front()) != std::string_view::npos);
}

void check_path(std::string_view path) {
  static const http::PathTable table = [] {
    http::PathTable made;
    made.add(http::Method::get, "/v2/payment_links", 1);
    made.add(http::Method::get, "/v2/payment_links/{id}", 2);
    made.add(http::Method::patch, "/v2/payment_links/{id}/deactivate", 3);
    made.add(http::Method::post, "/{organization}", 4);
    return made;
  }();
  const auto match = table.find(http::Method::get, path);
  for (std::size_t i = 0; i < match.path.count; ++i) {
    const std::string_view value = match.path.values[i];
    ENSURE(value.find('/') == std::string_view::npos && path.find(value) != std::string_view::npos);
  }
  if (match.matched != http::Matched::found) return;
  ENSURE(match.index == 1 || match.index == 2);
  if (match.index == 1) ENSURE(path == "/v2/payment_links");
  if (match.index == 2) ENSURE(path == "/v2/payment_links/" + std::string(match.path.values[0]));
}

void check_web_address(std::string_view text) {
  const std::string address = pages::web_address(text);
  if (address.empty()) return;
  ENSURE(address == text && address.find_first_of(" \r\n\t\x7F") == std::string::npos && address.starts_with("http"));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  std::string_view rest = fuzz::text_of(data, size);
  const std::string_view host = fuzz::take_line(rest);
  check_host(host);
  check_address(host);
  check_web_address(host);
  check_client(fuzz::take_line(rest));
  check_language(fuzz::take_line(rest));
  check_media_type(fuzz::take_line(rest));
  check_path(fuzz::take_line(rest));
  return 0;
}
