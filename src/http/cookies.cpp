#include "http/cookies.hpp"

#include <algorithm>

#include "base/ensure.hpp"

namespace paylink::http {
namespace {

// RFC 6265, section 4.1.1: printable US-ASCII without space, quotation mark, comma, semicolon and backslash.
bool is_cookie_value(std::string_view text) {
  constexpr std::string_view excluded = "\",;\\";
  return std::ranges::all_of(
      text, [&](char c) { return c > ' ' && c < '\x7f' && excluded.find(c) == std::string_view::npos; });
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view separators = "()<>@,;:\\\"/[]?={}";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > ' ' && c < '\x7f' && separators.find(c) == std::string_view::npos;
  });
}

std::string_view without_spaces_around(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string_view> cookie(const Request& request, std::string_view name) {
  const auto field = request.field("Cookie");
  if (!field) return std::nullopt;
  std::string_view rest = *field;
  std::optional<std::string_view> found;
  while (!rest.empty()) {
    // What others wrote into the field is none of our business; no value of theirs can hold a semicolon.
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = without_spaces_around(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (found) return std::nullopt;
    found = pair.substr(equals + 1);
  }
  if (!found || !is_cookie_value(*found)) return std::nullopt;
  return found;
}

std::string set_cookie(const NewCookie& cookie) {
  ENSURE(is_token(cookie.name) && is_cookie_value(cookie.value));
  std::string text(cookie.name);
  text.append("=").append(cookie.value).append("; Path=/; HttpOnly; SameSite=Lax");
  if (cookie.sent_over == SentOver::tls) text.append("; Secure");
  if (cookie.max_age) text.append("; Max-Age=").append(std::to_string(cookie.max_age->count()));
  return text;
}

}  // namespace paylink::http
