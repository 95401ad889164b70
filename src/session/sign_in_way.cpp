#include "session/sign_in_way.hpp"

#include <algorithm>

#include "http/request.hpp"

namespace paylink::session {
namespace {

constexpr std::size_t path_max = 4096;  // an application's request to be allowed in is a long one

// Browsers read "//" and "/\" as the beginning of a host, and drop control characters before they look.
bool is_own_path(std::string_view text) {
  if (text.size() > path_max || !text.starts_with('/')) return false;
  if (text.size() > 1 && (text[1] == '/' || text[1] == '\\')) return false;
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
}

}  // namespace

std::string return_path(std::string_view given) { return std::string(is_own_path(given) ? given : account_path); }

http::Response to_sign_in(std::string_view target) {
  const std::string back = return_path(target);
  std::string location(sign_in_path);
  if (back != account_path) location += "?return=" + http::percent_encode(back);
  return http::see_other(location);
}

}  // namespace paylink::session
