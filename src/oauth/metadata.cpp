#include "oauth/metadata.hpp"

#include <initializer_list>

#include "domain/scopes.hpp"
#include "json/writer.hpp"

namespace paylink::oauth {
namespace {

void list(json::Writer& json, std::string_view name, std::initializer_list<std::string_view> values) {
  json.key(name).begin_array();
  for (const auto value : values) json.text(value);
  json.end_array();
}

std::string document(const std::string& issuer) {
  std::string text;
  json::Writer json(text);
  json.begin_object().text("issuer", issuer);
  json.text("authorization_endpoint", issuer + "/oauth2/auth").text("token_endpoint", issuer + "/oauth2/token");
  json.text("revocation_endpoint", issuer + "/oauth2/revoke");
  json.key("scopes_supported").begin_array();
  for (const auto scope : known_scopes()) json.text(scope);
  json.end_array();
  list(json, "response_types_supported", {"code"});
  list(json, "response_modes_supported", {"query"});
  list(json, "grant_types_supported", {"authorization_code", "refresh_token"});
  list(json, "token_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "none"});
  list(json, "revocation_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "none"});
  list(json, "code_challenge_methods_supported", {"S256"});
  list(json, "ui_locales_supported", {"en", "fr", "de", "es", "it", "nl"});
  json.boolean("authorization_response_iss_parameter_supported", true);  // RFC 9207
  json.text("service_documentation", issuer + "/docs").end_object();
  return text;
}

}  // namespace

std::vector<runtime::Route> metadata_routes(const std::string& public_url, const runtime::ErrorEncoder& encode_error) {
  runtime::Routes routes(encode_error);
  routes.plain(http::Method::get, "/.well-known/oauth-authorization-server",
               [text = document(public_url)](const runtime::Input&) -> Result<http::Response> {
                 return http::Response{200, "application/json", text, {}};
               });
  return routes.take();
}

}  // namespace paylink::oauth
