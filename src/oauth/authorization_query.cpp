#include "oauth/authorization_query.hpp"

#include <algorithm>

#include "oauth/description.hpp"

namespace paylink::oauth {
namespace {

constexpr std::size_t state_min = 8, state_max = 1'000;
constexpr std::string_view base64url_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

AuthorizationFault invalid_request(std::string description) { return {"invalid_request", std::move(description)}; }
AuthorizationFault invalid_scope(std::string description) { return {"invalid_scope", std::move(description)}; }

// What the parameters alone say, before scopes and challenges.
std::optional<AuthorizationFault> find_fault(const Parameters& query) {
  if (const auto name = query.repeated()) return invalid_request(repeated_parameter(*name));
  if (query.find("request")) return AuthorizationFault{"request_not_supported", "Request objects are not supported."};
  if (query.find("request_uri"))
    return AuthorizationFault{"request_uri_not_supported", "Request objects are not supported."};
  const auto type = query.find("response_type");
  if (!type) return invalid_request("The parameter response_type is missing: it must be code.");
  if (*type != "code") return AuthorizationFault{"unsupported_response_type", "The response_type must be code."};
  if (query.find("response_mode").value_or("query") != "query")
    return invalid_request("The response_mode must be query.");
  const auto state = query.find("state");
  if (!state)
    return invalid_request("The parameter state is missing: 8 to 1000 characters that protect against forged answers.");
  if (state->size() < state_min || state->size() > state_max)
    return invalid_request("The parameter state must have 8 to 1000 characters: it protects against forged answers.");
  return std::nullopt;
}

// RFC 7636, section 4.2: what SHA-256 and base64url make of a verifier.
bool is_challenge(std::string_view text) {
  return text.size() == 43 && text.find_first_not_of(base64url_letters) == std::string_view::npos;
}

std::optional<AuthorizationFault> find_pkce_fault(const Parameters& query, store::ClientType type) {
  const auto challenge = query.find("code_challenge");
  const auto method = query.find("code_challenge_method");
  if (!challenge && method) return invalid_request("The parameter code_challenge is missing.");
  if (!challenge && type == store::ClientType::public_client)
    return invalid_request("The parameter code_challenge is missing: a public client must use PKCE.");
  if (!challenge) return std::nullopt;
  if (!method) return invalid_request("The parameter code_challenge_method is missing: it must be S256.");
  if (*method != "S256") return invalid_request("The code_challenge_method must be S256.");
  if (!is_challenge(*challenge)) return invalid_request("The code_challenge must be 43 characters of base64url.");
  return std::nullopt;
}

std::string with_parameters(const AuthorizationAnswer& answer, std::string own) {
  const char first = answer.redirect_uri.find('?') == std::string::npos ? '?' : '&';
  std::string address = answer.redirect_uri + first + std::move(own);
  if (answer.state) address += "&state=" + http::percent_encode(*answer.state);
  return address + "&iss=" + http::percent_encode(answer.issuer);
}

}  // namespace

std::variant<app::AuthorizationRequest, AuthorizationFault> read_authorization_query(const Parameters& query,
                                                                                     store::OauthClient client,
                                                                                     std::string redirect_uri) {
  if (const auto fault = find_fault(query)) return *fault;
  if (const auto fault = find_pkce_fault(query, client.type)) return *fault;
  const auto scope = query.find("scope");
  if (!scope) return invalid_scope("The parameter scope is missing.");
  auto scopes = Scopes::parse(*scope);
  if (!scopes) return invalid_scope(unreadable_scopes(*scope));
  if (scopes->text() == offline_access) return invalid_scope("The scope offline_access alone asks for nothing.");
  if (const Scopes foreign = scopes->without(client.scopes); !foreign.empty())
    return invalid_scope("The application is not registered for " + foreign.text() + ".");
  app::AuthorizationRequest request{std::move(client),    std::move(redirect_uri),      *std::move(scopes),
                                    *query.find("state"), query.find("code_challenge"), {}};
  if (const auto organization = query.find("organization_id")) {
    request.organization = OrganizationId::parse(*organization);
    if (!request.organization)
      return invalid_request("The organization_id must be an organization's id, which is a UUID.");
  }
  return request;
}

std::string code_address(const AuthorizationAnswer& answer, std::string_view code) {
  return with_parameters(answer, "code=" + http::percent_encode(code));
}

std::string fault_address(const AuthorizationAnswer& answer, const AuthorizationFault& fault) {
  return with_parameters(answer, "error=" + http::percent_encode(fault.error) +
                                     "&error_description=" + http::percent_encode(fault.description));
}

}  // namespace paylink::oauth
