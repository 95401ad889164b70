#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/authorize.hpp"
#include "http/response.hpp"
#include "pages/site.hpp"

namespace paylink::oauth {

// Why nobody can be asked, told to the person and not to the application: nothing says where that is.
enum class Problem : std::uint8_t {
  bad_request,       // 400: the query is damaged
  unknown_client,    // 400
  bad_redirect_uri,  // 400
  no_organization,   // 403
};

http::Response problem_page(const pages::Language& language, Problem problem);
// For whatever else went wrong: a form that is too old, too many requests, our own failures.
http::Response error_page(const pages::Language& language, const Error& error, const std::string& again);

struct ConsentPage {
  std::string client;        // its name
  std::string redirect_uri;  // of which people are shown the host
  std::string email;         // of whoever is signed in
  std::string organization;
  Scopes scopes;
  Scopes withheld;
  bool is_again = false;
  std::string action;  // path and query
  std::string token;   // session/forms.hpp
};

http::Response consent_page(const pages::Language& language, const ConsentPage& page);
// The same when there is nothing to allow: the only way is back.
http::Response not_allowed_page(const pages::Language& language, const ConsentPage& page);

struct OrganizationChoice {
  std::string name;
  std::string address;
};

http::Response choice_page(const pages::Language& language, const std::string& client, const std::string& email,
                           const std::vector<OrganizationChoice>& choices);

}  // namespace paylink::oauth
