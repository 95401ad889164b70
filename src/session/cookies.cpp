#include "session/cookies.hpp"

#include "crypto/encoding.hpp"
#include "http/cookies.hpp"

namespace paylink::session {
namespace {

constexpr std::size_t browser_size = 32;

struct Names {
  std::string_view session, browser;
  http::SentOver sent_over;
};

constexpr Names names_over_tls{"__Host-paylink_session", "__Host-paylink_browser", http::SentOver::tls};
constexpr Names names_over_plain{"paylink_session", "paylink_browser", http::SentOver::any};

const Names& names_for(pages::Transport transport) {
  return transport == pages::Transport::tls ? names_over_tls : names_over_plain;
}

// Ours alone to read, as everything about a session is.
void set(http::Response& response, const http::NewCookie& cookie) {
  response.add_field("Set-Cookie", http::set_cookie(cookie));
}

}  // namespace

std::optional<app::PresentedSession> Cookies::presented(const http::Request& request) const {
  const auto word = http::cookie(request, names_for(transport_).session);
  if (!word) return std::nullopt;
  return app::read_session_word(*word, keys_);
}

void Cookies::begin(http::Response& response, const app::NewSession& session) const {
  const Names& names = names_for(transport_);
  set(response, {names.session, session.word.reveal(), names.sent_over, app::session_life});
}

void Cookies::end(http::Response& response) const {
  const Names& names = names_for(transport_);
  set(response, {names.session, "", names.sent_over, std::chrono::seconds(0)});
}

std::optional<Cookies::Browser> Cookies::browser(const http::Request& request) const {
  const auto word = http::cookie(request, names_for(transport_).browser);
  if (!word) return std::nullopt;
  const auto bytes = crypto::from_base64url(*word);
  if (!bytes || bytes->size() != browser_size) return std::nullopt;
  return Browser{std::string(*word), keys_.hash_token(*word)};
}

Cookies::Browser Cookies::new_browser(Random& random) const {
  const auto bytes = random.bytes<browser_size>();
  std::string word = crypto::to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::string hash = keys_.hash_token(word);
  return {std::move(word), std::move(hash)};
}

// Until the browser ends: it is nobody's for longer than one visit.
void Cookies::know(http::Response& response, const Browser& browser) const {
  const Names& names = names_for(transport_);
  set(response, {names.browser, browser.word, names.sent_over, std::nullopt});
}

}  // namespace paylink::session
