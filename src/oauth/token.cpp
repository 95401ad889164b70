#include "oauth/token.hpp"

#include <variant>

#include "app/oauth_tokens.hpp"
#include "crypto/token.hpp"
#include "json/writer.hpp"
#include "oauth/client_credentials.hpp"
#include "oauth/description.hpp"
#include "oauth/errors.hpp"

namespace paylink::oauth {
namespace {

using runtime::Access;
using runtime::Input;

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

Failure bad_request(std::string description) {
  return fail(ErrorCode::invalid_input, "invalid_request", std::move(description));
}

// Either grant, with the organization whose rows it is about (runtime/step_endpoint.hpp asks the command for it).
struct TokenRequest {
  OrganizationId organization;
  std::variant<app::RedeemCode, app::RefreshTokens> grant;
};

Result<Parameters> read_form(const http::Request& request) {
  if (!http::is_media_type(request.field("Content-Type").value_or(""), form_type))
    return bad_request("The body must be of the type application/x-www-form-urlencoded.");
  auto form = Parameters::parse(request.body);
  if (!form) return bad_request("The body is no form: a percent sign needs two hex digits, and text must be UTF-8.");
  if (const auto name = form->repeated()) return bad_request(repeated_parameter(*name));
  return *std::move(form);
}

// Whose code or token it is. Nothing is looked up for what cannot be one.
OrganizationId organization_of(std::string_view word) {
  const auto organization = crypto::token_organization(word);
  return organization ? OrganizationId(*organization) : OrganizationId();
}

Result<TokenRequest> read_code_grant(app::ClientCredentials client, const Parameters& form) {
  const auto code = form.find("code");
  if (!code) return bad_request("The parameter code is missing.");
  const auto redirect_uri = form.find("redirect_uri");
  if (!redirect_uri)
    return bad_request("The parameter redirect_uri is missing: the one that the code was asked for with.");
  app::RedeemCode command{organization_of(*code), std::move(client), *code, *redirect_uri, form.find("code_verifier")};
  // With a name: of an unnamed one g++ 12 believes that it frees what it never allocated.
  TokenRequest asked{command.organization, std::move(command)};
  return asked;
}

Result<TokenRequest> read_refresh_grant(app::ClientCredentials client, const Parameters& form) {
  const auto token = form.find("refresh_token");
  if (!token) return bad_request("The parameter refresh_token is missing.");
  app::RefreshTokens command{organization_of(*token), std::move(client), *token, {}};
  if (const auto scope = form.find("scope")) {
    command.scopes = Scopes::parse(*scope);
    if (!command.scopes) return fail(ErrorCode::invalid_input, "invalid_scope", unreadable_scopes(*scope));
  }
  // With a name: of an unnamed one g++ 12 believes that it frees what it never allocated.
  TokenRequest asked{command.organization, std::move(command)};
  return asked;
}

Result<TokenRequest> decode_token(const Input& input) {
  const Parameters form = TRY(read_form(input.request));
  const auto grant_type = form.find("grant_type");
  if (!grant_type) return bad_request("The parameter grant_type is missing: authorization_code or refresh_token.");
  const bool is_code = *grant_type == "authorization_code";
  if (!is_code && *grant_type != "refresh_token")
    return fail(ErrorCode::invalid_input, "unsupported_grant_type",
                "The grant_type must be authorization_code or refresh_token.");
  auto client = TRY(read_client_credentials(input.request, form));
  if (is_code) return read_code_grant(std::move(client), form);
  return read_refresh_grant(std::move(client), form);
}

Result<app::RevokeToken> decode_revoke(const Input& input) {
  const Parameters form = TRY(read_form(input.request));
  auto client = TRY(read_client_credentials(input.request, form));
  const auto token = form.find("token");
  if (!token) return bad_request("The parameter token is missing.");
  // RFC 7009, section 2.1: a hint is only a hint, and nothing is searched for by it here.
  return app::RevokeToken{organization_of(*token), std::move(client), *token};
}

http::Response show_tokens(const app::TokenReply& reply, const http::Request&) {
  if (const auto* refusal = std::get_if<app::TokenRefusal>(&reply))
    return error_response(refusal->error, refusal->description);
  const auto& issued = std::get<app::IssuedTokens>(reply);
  http::Response response{200, "application/json", {}, {}};
  json::Writer json(response.body);
  json.begin_object().text("access_token", issued.access_token.reveal()).text("token_type", "bearer");
  json.integer("expires_in", issued.life.count());
  if (issued.refresh_token) json.text("refresh_token", issued.refresh_token->reveal());
  json.text("scope", issued.scopes.text()).end_object();
  add_no_store(response);
  return response;
}

http::Response show_revoked(const app::Revoked&, const http::Request&) {
  http::Response response{200, "application/json", "{}", {}};
  add_no_store(response);
  return response;
}

}  // namespace

std::vector<runtime::Route> token_routes(const crypto::KeyRing& keys) {
  runtime::Routes routes(encode_error);
  routes.write(
      http::Method::post, "/oauth2/token", Access::client(), decode_token,
      [&keys](const TokenRequest& request, sql::Transaction& tx) {
        if (const auto* code = std::get_if<app::RedeemCode>(&request.grant)) return app::redeem_code(*code, keys, tx);
        return app::refresh_tokens(std::get<app::RefreshTokens>(request.grant), keys, tx);
      },
      show_tokens);
  routes.write(
      http::Method::post, "/oauth2/revoke", Access::client(), decode_revoke,
      [&keys](const app::RevokeToken& command, sql::Transaction& tx) { return app::revoke_token(command, keys, tx); },
      show_revoked);
  return routes.take();
}

std::vector<runtime::Route> consent_routes(runtime::ErrorEncoder encode_error) {
  runtime::Routes routes(std::move(encode_error));
  routes.write(
      http::Method::del, "/v2/oauth2/consents", Access::caller(),
      [](const Input&) -> Result<app::WithdrawConsent> { return app::WithdrawConsent{}; }, app::withdraw_consent,
      [](const app::Revoked&, const http::Request&) { return http::Response{204, {}, {}, {}}; });
  return routes.take();
}

}  // namespace paylink::oauth
