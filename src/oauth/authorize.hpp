#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "app/lane.hpp"
#include "base/clock.hpp"
#include "crypto/keyring.hpp"
#include "pages/site.hpp"
#include "runtime/routes.hpp"

namespace paylink::oauth {

struct Authorization {
  app::Lane& lane;
  const pages::Site& site;
  const crypto::KeyRing& keys;
  const Clock& clock;
  pages::Transport transport;
  std::string issuer;  // the public URL
  std::chrono::seconds code_life{60};
};

// GET and POST /oauth2/auth: in a browser somebody who is signed in allows an application to act for an organization.
// What the parts refer to outlives the routes.
std::vector<runtime::Route> authorize_routes(Authorization parts);

}  // namespace paylink::oauth
