#pragma once

#include <vector>

#include "app/connect_account.hpp"
#include "app/provider_keys.hpp"
#include "base/clock.hpp"
#include "crypto/keyring.hpp"
#include "pages/site.hpp"
#include "runtime/routes.hpp"
#include "session/cookies.hpp"

namespace paylink::onboarding {

struct Onboarding {
  const pages::Site& site;
  session::Cookies cookies;
  app::Lane& lane;
  app::ProviderKeys& provider_keys;
  app::ConnectAccount* connect_account;  // null: the provider knows no application of ours, and keys are all there is
  const crypto::KeyRing& keys;
  const Clock& clock;
};

// The page on which a connection is finished, changed and ended: for an owner or admin of its organization who has
// typed his password within the last ten minutes. Everybody else is sent to sign in, to type it again, or told that
// there is nothing. No script; every form carries a token of its own.
//   GET  /connect/{word}              how the connection stands, and the forms
//   POST /connect/{word}/key          asks the provider whose `key` is → 303 to the page, or the form once more
//   POST /connect/{word}/authorize    leads to the provider, to be authorized there
//   GET  /connect/mollie/return       where it leads back to: the code is exchanged → 303 to the page
//   POST /connect/{word}/profile      proposes a `profile` of the account's, in a `mode` → 303 to the page
//   POST /connect/{word}/confirm      the key that was proposed is used from now on → 303 to the page
//   POST /connect/{word}/discard      another one shall be shown, or chosen → 303 to the page
//   POST /connect/{word}/disconnect   → 303 to the page
// After a decision the page has a button that leads back to where the connection was begun.
std::vector<runtime::Route> routes(Onboarding onboarding);

inline constexpr std::string_view return_path = "/connect/mollie/return";

}  // namespace paylink::onboarding
