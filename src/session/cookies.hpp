#pragma once

#include <optional>
#include <string>

#include "app/sessions.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/keyring.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "pages/site.hpp"

namespace paylink::session {

// Our two cookies. Over TLS their names carry the prefix `__Host-`: no other host and no plain connection can plant
// one. Over plain HTTP, as the sandbox is reached on this machine, they have neither prefix nor `Secure`.
//   paylink_session   who is signed in, for as long as the session may last
//   paylink_browser   tells browsers apart before anybody is signed in: what the sign-in form is bound to, so that
//                     nobody signs somebody else's browser in with an account of his own
class Cookies {
 public:
  Cookies(pages::Transport transport, const crypto::KeyRing& keys) : transport_(transport), keys_(keys) {}

  // Absent: no cookie, or one that cannot be ours.
  std::optional<app::PresentedSession> presented(const http::Request& request) const;
  void begin(http::Response& response, const app::NewSession& session) const;
  void end(http::Response& response) const;

  // A browser by its cookie. `hash` is what its forms are bound to before there is a session.
  struct Browser {
    std::string word;
    std::string hash;
  };
  std::optional<Browser> browser(const http::Request& request) const;
  Browser new_browser(Random& random) const;
  void know(http::Response& response, const Browser& browser) const;

 private:
  pages::Transport transport_;
  const crypto::KeyRing& keys_;
};

}  // namespace paylink::session
