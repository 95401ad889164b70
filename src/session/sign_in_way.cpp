#include "session/sign_in_way.hpp"

#include <algorithm>

#include "http/request.hpp"

namespace paylink::session {
namespace {

// Browsers read "//" and "/\" as the beginning of a host, and drop control characters before they look.
bool is_own_path(std::string_view text) {
  if (text.size() > return_path_max || !text.starts_with('/')) return false;
  if (text.size() > 1 && (text[1] == '/' || text[1] == '\\')) return false;
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
}

}  // namespace

std::string return_path(std::string_view given) { return std::string(is_own_path(given) ? given : account_path); }

std::string with_return(std::string_view path, std::string_view target) {
  const std::string back = return_path(target);
  std::string address(path);
  if (back != account_path) address += "?return=" + http::percent_encode(back);
  return address;
}

http::Response to_sign_in(std::string_view target) { return http::see_other(with_return(sign_in_path, target)); }

}  // namespace paylink::session
