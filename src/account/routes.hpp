#pragma once

#include <vector>

#include "app/sign_in.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "crypto/keyring.hpp"
#include "pages/site.hpp"
#include "runtime/routes.hpp"
#include "session/cookies.hpp"

namespace paylink::account {

// What the pages of people are made of.
struct Account {
  const pages::Site& site;
  session::Cookies cookies;
  app::Lane& lane;
  app::SignIn& sign_in;
  const crypto::KeyRing& keys;
  const Clock& clock;
  Random& random;
};

// The pages on which people sign in and look after their account. No script. Every form carries a token of its own
// (session/forms.hpp), and each ends in a page to be asked for: 303.
//   GET  /sign-in?return=…                 a form; for whoever is signed in already → 303 to `return`
//   POST /sign-in                          → 303 to `return`, or the form once more
//   POST /sign-out                         ends the session → 303
// and for whoever is signed in; anybody else is sent to the sign-in page, and back:
//   GET  /account                          organizations, connected applications, sessions
//   POST /account/applications/revoke      an application may do nothing any more → 303
//   GET  /account/password                 a form
//   POST /account/password                 changes the password, and ends all other sessions → 303
//   POST /account/sign-out-everywhere      ends all sessions → 303
//   GET  /account/confirm?return=…         asks for the password again (session/fresh.hpp)
//   POST /account/confirm                  → 303 to `return`
std::vector<runtime::Route> routes(Account account);

}  // namespace paylink::account
