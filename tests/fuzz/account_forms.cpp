// What browsers send to the pages of people (http/cookies, session/cookies, session/forms, session/sign_in_way,
// app/sessions). Three lines: Cookie, return path, form token; then a form.
#include <string>

#include "app/sessions.hpp"
#include "http/cookies.hpp"
#include "input.hpp"
#include "keys.hpp"
#include "session/cookies.hpp"
#include "session/forms.hpp"
#include "session/sign_in_way.hpp"

namespace paylink {
namespace {

using fuzz::keys;

http::Request with_field(std::string_view name, std::string_view value) {
  http::Request request;
  request.fields.push_back({name, value});
  return request;
}

// Only what has the name that our cookies have over this transport.
void check_ours(const http::Request& request, pages::Transport transport, const std::string& prefix) {
  const session::Cookies cookies(transport, keys());
  if (const auto presented = cookies.presented(request)) {
    const auto word = http::cookie(request, prefix + "paylink_session");
    ENSURE(word && word->size() == 64 && presented->hash == keys().hash_token(*word));
  }
  if (const auto browser = cookies.browser(request)) {
    const auto word = http::cookie(request, prefix + "paylink_browser");
    ENSURE(word && word->size() == 43 && browser->word == *word && browser->hash == keys().hash_token(*word));
  }
}

// What is found is what the one pair of that name says.
void check_cookie(std::string_view field) {
  const http::Request request = with_field("Cookie", field);
  for (const std::string_view name : {"id", "paylink_session", "__Host-paylink_browser"}) {
    const auto value = http::cookie(request, name);
    if (!value) continue;
    ENSURE(field.find(std::string(name) + "=" + std::string(*value)) != std::string_view::npos);
    ENSURE(value->find_first_of(" \t\",;\\") == std::string_view::npos);
    const std::string again = http::set_cookie({.name = name, .value = *value});
    ENSURE(http::cookie(with_field("Cookie", std::string_view(again).substr(0, again.find(';'))), name) == value);
    const std::string twice = std::string(field) + ";" + std::string(name) + "=";
    ENSURE(!http::cookie(with_field("Cookie", twice), name));
  }
  check_ours(request, pages::Transport::plain, "");
  check_ours(request, pages::Transport::tls, "__Host-");
}

// However a browser reads it, it stays on this host.
void check_return(std::string_view text) {
  const std::string path = session::return_path(text);
  ENSURE(path == text || path == session::account_path);
  ENSURE(path.starts_with('/') && !path.starts_with("//") && path.size() <= session::return_path_max);
  for (const char c : path) ENSURE(c > ' ' && c < '\x7f' && c != '\\');
  const auto query = http::parse_pairs("return=" + http::percent_encode(path));
  ENSURE(query && query->size() == 1 && query->front().second == path);
  ENSURE(session::to_sign_in(text).status == 303);
}

void check_token(std::string_view token) {
  const Time now = from_microseconds(1'710'925'200'000'000);
  const session::FormPlace place{"/account/password", "0123456789abcdef0123456789abcdef"};
  const std::string ours = session::make_form_token(keys(), place, now);
  ENSURE(session::check_form_token(keys(), place, ours, now));
  ENSURE(ours.size() <= session::form_token_max);
  ENSURE(!session::check_form_token(keys(), place, token, now) || token == ours);
}

void check_form(std::string_view body) {
  http::Request request = with_field("Content-Type", "application/x-www-form-urlencoded");
  request.body = body;
  const auto form = session::read_form(request);
  if (!form) return;
  for (const auto& [name, value] : *form) {
    const std::string found = session::field_of(*form, name, 100);
    ENSURE(found.size() <= 100 && (found.empty() || found == value));
  }
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  std::string_view rest = fuzz::text_of(data, size);
  check_cookie(fuzz::take_line(rest));
  check_return(fuzz::take_line(rest));
  check_token(fuzz::take_line(rest));
  check_form(rest);
  return 0;
}
