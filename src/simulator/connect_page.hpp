#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pages/site.hpp"
#include "simulator/organizations.hpp"

namespace paylink::simulator {

// What an application asks for, as its page repeats it.
struct AuthorizeView {
  std::string client_id;
  std::string redirect_uri;
  std::string state;
  std::string scope;         // as it was sent
  std::string organization;  // the name that is filled in
};

// Its form sends all that again with `organization`, `profiles`, `onboarding` and `decision` to /oauth2/authorize, and
// is allowed to be led to the application from there.
http::Response authorize_page(const pages::Language& language, const AuthorizeView& view);

// 400: nobody can be led back.
http::Response bad_request_page(const pages::Language& language, std::string_view detail);

http::Response organization_page(const pages::Language& language, const Organization& organization,
                                 const std::vector<Profile>& profiles);

}  // namespace paylink::simulator
