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
  bad_request,  // the query is damaged
  no_client_id,
  unknown_client,
  no_redirect_uri,
  bad_redirect_uri,
};

http::Response problem_page(const pages::Language& language, Problem problem);  // 400

// Whoever is signed in can allow nothing for any organization, or not for the one that the application has named.
struct NoAccessPage {
  std::string email;
  bool is_named = false;
};

http::Response no_access_page(const pages::Language& language, const NoAccessPage& page);
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

struct ChoicePage {
  std::string client;  // its name
  std::string redirect_uri;
  std::string email;  // of whoever is signed in
  std::vector<OrganizationChoice> choices;
  std::string action;  // path and query, to refuse without choosing
  std::string token;   // session/forms.hpp
};

http::Response choice_page(const pages::Language& language, const ChoicePage& page);

}  // namespace paylink::oauth
