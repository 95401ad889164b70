#pragma once

#include <vector>

#include "app/payments.hpp"
#include "base/clock.hpp"
#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "pages/site.hpp"
#include "runtime/routes.hpp"

namespace paylink::sandbox {

// What the sandbox's own routes work on.
struct Tools {
  OrganizationId organization;
  app::Payments& payments;
  app::Lane& lane;
  http::Client& client;
  MovableClock& clock;
  Random& random;
  const crypto::KeyRing& keys;
  const pages::Site& site;
  std::string simulator_url;  // without a slash at its end
};

// They insist on application/json: fails with `unsupported_media_type`.
Result<> require_json(const http::Request& request);

// For scripts and CI; they insist on application/json and are not registered by `serve`.
//   POST /sandbox/clock {"advance":"72h"}   answers once every link whose time is over is expired
//   GET  /sandbox/clock
//   POST /sandbox/payments                  takes a link through the whole real flow in one call
//   POST /sandbox/payments/{id}             {"outcome":"paid"} decides how one that has not ended goes on;
//                                           one that is paid is charged back, and that reversed
std::vector<runtime::Route> routes(Tools tools, runtime::ErrorEncoder encode_error);

// Moves the clock to where it was left, or where another server has moved it.
Result<> follow_clock(MovableClock& clock, sql::Transaction& tx);

}  // namespace paylink::sandbox
