#pragma once

#include <cstdint>
#include <string_view>

#include "simulator/call.hpp"

namespace paylink::simulator {

// Who may make a call of the API, and about what.
enum class Credential : std::uint8_t { none, any, api_key, access_token };
enum class About : std::uint8_t { profile, payment, organization };  // `payment`: the first value of the path

struct Right {
  Credential credential = Credential::none;
  About about = About::profile;
  std::string_view scope{};  // that an access token needs; empty: none
};

// Finds out who calls and what tenant the call is about. An API key is of one profile and mode, and must not say them;
// with an access token the call says `profileId` (where no payment does) and `testmode`, in its JSON body or, of a GET,
// in its query. Fails with `unauthenticated` (401), `forbidden` (403: a scope is missing, or the credential is of the
// other kind), 422 or, of a GET, 400 (a parameter that is missing, wrong or must not be there).
Result<> identify(Call& call, const Right& right);

}  // namespace paylink::simulator
