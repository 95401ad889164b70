#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "app/authorize.hpp"
#include "oauth/parameters.hpp"

namespace paylink::oauth {

// What is wrong with a request to the authorization endpoint, told to the application by way of its redirect_uri: RFC
// 6749, section 4.1.2.1.
struct AuthorizationFault {
  std::string_view error;
  std::string description;
};

// Everything of a request that can be checked without knowing who is signed in, for a client and a redirect_uri that
// are known to belong together.
std::variant<app::AuthorizationRequest, AuthorizationFault> read_authorization_query(const Parameters& query,
                                                                                     store::OauthClient client,
                                                                                     std::string redirect_uri);

// The address that brings an answer to the application: `code`, or `error` and `error_description`; then `state`, as
// far as it was sent once, and `iss` (RFC 9207).
struct AuthorizationAnswer {
  std::string redirect_uri;
  std::optional<std::string> state;
  std::string issuer;
};

std::string code_address(const AuthorizationAnswer& answer, std::string_view code);
std::string fault_address(const AuthorizationAnswer& answer, const AuthorizationFault& fault);

}  // namespace paylink::oauth
