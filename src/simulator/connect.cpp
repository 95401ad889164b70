#include "simulator/connect.hpp"

#include <algorithm>

#include "crypto/encoding.hpp"
#include "http/web_address.hpp"
#include "json/document.hpp"
#include "json/writer.hpp"
#include "simulator/authorizations.hpp"
#include "simulator/client_links.hpp"
#include "simulator/connect_page.hpp"
#include "simulator/organizations.hpp"

namespace paylink::simulator {
namespace {

constexpr std::string_view basic = "Basic ";
constexpr std::string_view client_prefix = "app_";
constexpr std::size_t client_id_bytes_min = 14, client_id_bytes_max = 64;
constexpr std::string_view usual_name = "Test company";

const pages::Language& asked_language(const Call& call) {
  return call.site.language(call.request.field("Accept-Language").value_or(""));
}

// The value of the only pair of that name; empty when there is none.
std::string value_of(const http::Pairs& pairs, std::string_view name) {
  const auto found = std::ranges::find(pairs, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == pairs.end() ? std::string() : found->second;
}

bool is_client_id(std::string_view id) {
  const auto is_letter = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return id.starts_with(client_prefix) && id.size() >= client_id_bytes_min && id.size() <= client_id_bytes_max &&
         std::ranges::all_of(id, is_letter);
}

// The same bytes, but on the loopback, where a program gets another port each time it starts, for the port.
bool is_registered(const std::string& registered, const std::string& requested) {
  if (registered == requested) return true;
  const auto without_port = [](const std::string& url) {
    const auto address = http::parse_web_address(url);
    if (!address || !address->is_loopback() || address->scheme != http::Scheme::http) return std::string();
    const std::size_t end = url.find('/', url.find("//") + 2);
    return address->host + (end == std::string::npos ? std::string() : url.substr(end));
  };
  return !without_port(registered).empty() && without_port(registered) == without_port(requested);
}

// Where the application's registered address is, once the request names it exactly; a sentence about what is wrong.
struct Request {
  AuthorizeView view;
  std::string fault{};
};

Result<Request> read_application(Call& call, const http::Pairs& pairs) {
  Request request{{value_of(pairs, "client_id"), value_of(pairs, "redirect_uri"), value_of(pairs, "state"),
                   value_of(pairs, "scope"), std::string(usual_name)}};
  AuthorizeView& view = request.view;
  if (!is_client_id(view.client_id)) {
    request.fault = "The client_id is unknown";
    return request;
  }
  Authorizations authorizations(call.tx);
  const auto registered = TRY(authorizations.redirect_uri(view.client_id));
  if (registered && view.redirect_uri.empty()) view.redirect_uri = *registered;
  const auto address = http::parse_web_address(view.redirect_uri);
  if (!address || address->has_user || (registered && !is_registered(*registered, view.redirect_uri)))
    request.fault = "The redirect_uri is not the one that the application has registered";
  else if (!registered)
    TRY(authorizations.know_application(view.client_id, view.redirect_uri));
  return request;
}

std::string led_back(const AuthorizeView& view, const http::Pairs& answer) {
  std::string url = view.redirect_uri;
  char separator = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : answer) {
    url.append(1, separator).append(name).append("=").append(http::percent_encode(value));
    separator = '&';
  }
  if (!view.state.empty()) url.append("&state=").append(http::percent_encode(view.state));
  return url;
}

// What is wrong with the rest, which the application is told; empty: nothing.
std::string fault_of(const AuthorizeView& view, std::string_view response_type, std::string_view prompt) {
  if (response_type != "code") return "unsupported_response_type";
  if (view.state.empty() || (!prompt.empty() && prompt != "auto" && prompt != "force")) return "invalid_request";
  std::string_view rest = view.scope;
  if (rest.empty()) return "invalid_scope";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (!is_scope(rest.substr(0, end))) return "invalid_scope";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

Result<http::Response> show_page(Call& call, const http::Pairs& pairs, std::string_view organization) {
  auto request = TRY(read_application(call, pairs));
  if (!request.fault.empty()) return bad_request_page(asked_language(call), request.fault);
  const std::string fault =
      fault_of(request.view, value_of(pairs, "response_type"), value_of(pairs, "approval_prompt"));
  if (!fault.empty()) return http::see_other(led_back(request.view, {{"error", fault}}));
  request.view.organization = organization;
  return authorize_page(asked_language(call), request.view);
}

http::Response oauth_answer(int status, std::string body) { return {status, "application/json", std::move(body), {}}; }

http::Response oauth_error(int status, std::string_view error, std::string_view description) {
  std::string body;
  json::Writer json(body);
  json.begin_object().text("error", error).text("error_description", description).end_object();
  auto response = oauth_answer(status, std::move(body));
  if (status == 401) response.add_field("WWW-Authenticate", "Basic realm=\"simulator\"");
  return response;
}

http::Response tokens_answer(const Tokens& tokens) {
  std::string body;
  json::Writer json(body);
  json.begin_object().text("access_token", tokens.access.reveal()).text("refresh_token", tokens.refresh.reveal());
  json.integer("expires_in", access_token_life.count()).text("token_type", "bearer").text("scope", tokens.scopes);
  json.end_object();
  auto response = oauth_answer(200, std::move(body));
  response.add_field("Cache-Control", "no-store");
  return response;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string url(text);
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  return crypto::from_base64url(url);
}

// The application that proves itself by HTTP Basic; absent when none does.
Result<std::optional<std::string>> application_of(Call& call) {
  std::string_view field = call.request.field("Authorization").value_or("");
  if (!field.starts_with(basic)) return std::optional<std::string>();
  field.remove_prefix(basic.size());
  const auto pair = from_base64(field);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::optional<std::string>();
  std::string id = pair->substr(0, colon);
  const bool is_proved = TRY(Authorizations(call.tx).is_secret(id, Secret(pair->substr(colon + 1))));
  return is_proved ? std::optional<std::string>(std::move(id)) : std::optional<std::string>();
}

// The fields of a form or of a JSON object; absent for anything else.
std::optional<http::Pairs> fields_of(const http::Request& request) {
  const std::string_view type = request.field("Content-Type").value_or("");
  if (http::is_media_type(type, "application/x-www-form-urlencoded")) return http::parse_pairs(request.body);
  const auto document = json::Document::parse(request.body);
  if (!http::is_media_type(type, "application/json") || !document || document->root().type() != json::Type::object)
    return std::nullopt;
  http::Pairs pairs;
  for (const auto member : document->root().children())
    if (member.type() == json::Type::text) pairs.emplace_back(member.key(), member.text());
  return pairs;
}

struct TokenCall {
  std::string client_id;
  http::Pairs fields;
};

// The response is why there is none.
Result<std::optional<TokenCall>> read_token_call(Call& call, http::Response& response) {
  auto client_id = TRY(application_of(call));
  auto fields = fields_of(call.request);
  if (!client_id)
    response = oauth_error(401, "invalid_client", "The client credentials are invalid");
  else if (!fields)
    response = oauth_error(400, "invalid_request", "The request body is neither a form nor a JSON object");
  else
    return std::optional<TokenCall>({*std::move(client_id), *std::move(fields)});
  return std::optional<TokenCall>();
}

}  // namespace

Result<http::Response> show_authorize_page(Call& call) {
  const auto pairs = http::parse_pairs(call.request.query);
  if (!pairs) return bad_request_page(asked_language(call), "The query is invalid");
  return show_page(call, *pairs, usual_name);
}

Result<http::Response> show_client_link(Call& call) {
  const auto pairs = http::parse_pairs(call.request.query);
  const auto name = ClientLinks(call.tx).find(call.path.values[0]);
  if (!name && name.error().code != ErrorCode::not_found) return Failure{name.error()};
  if (!name || !pairs) return bad_request_page(asked_language(call), "The client link is unknown, or too old");
  http::Pairs asked = *pairs;
  asked.emplace_back("response_type", "code");
  return show_page(call, asked, *name);
}

Result<http::Response> decide_authorization(Call& call) {
  const auto pairs = http::parse_pairs(call.request.body);
  if (!pairs) return bad_request_page(asked_language(call), "The form is invalid");
  const auto request = TRY(read_application(call, *pairs));
  const AuthorizeView& view = request.view;
  if (!request.fault.empty()) return bad_request_page(asked_language(call), request.fault);
  if (const auto fault = fault_of(view, "code", ""); !fault.empty())
    return http::see_other(led_back(view, {{"error", fault}}));
  if (value_of(*pairs, "decision") != "allow")
    return http::see_other(
        led_back(view, {{"error", "access_denied"}, {"error_description", "The resource owner denied the request"}}));
  const std::string name = value_of(*pairs, "organization"), onboarding = value_of(*pairs, "onboarding");
  const std::string profiles = value_of(*pairs, "profiles");
  const bool is_count = profiles == "1" || profiles == "2" || profiles == "3";
  if (!is_organization_name(name) || !is_count ||
      std::ranges::find(onboarding_states, onboarding) == std::end(onboarding_states))
    return bad_request_page(asked_language(call), "The form is incomplete");
  Organizations organizations(call.tx);
  const auto organization = TRY(organizations.find_or_create(name, profiles.front() - '0'));
  TRY(organizations.set_onboarding(organization, onboarding));
  const auto code = TRY(Authorizations(call.tx).allow(view.client_id, organization.id, view.scope));
  return http::see_other(led_back(view, {{"code", code}}));
}

Result<http::Response> issue_tokens(Call& call) {
  http::Response refused;
  const auto asked = TRY(read_token_call(call, refused));
  if (!asked) return refused;
  const std::string grant = value_of(asked->fields, "grant_type");
  Authorizations authorizations(call.tx);
  std::optional<Tokens> tokens;
  if (grant == "authorization_code") {
    const auto registered = TRY(authorizations.redirect_uri(asked->client_id));
    if (!is_registered(registered.value_or(""), value_of(asked->fields, "redirect_uri")))
      return oauth_error(400, "invalid_grant", "The redirect_uri is not that of the authorization");
    tokens = TRY(authorizations.exchange_code(asked->client_id, value_of(asked->fields, "code")));
  } else if (grant == "refresh_token") {
    tokens = TRY(authorizations.refresh(asked->client_id, value_of(asked->fields, "refresh_token")));
  } else {
    return oauth_error(400, "unsupported_grant_type", "The grant_type is authorization_code or refresh_token");
  }
  if (!tokens) return oauth_error(400, "invalid_grant", "The code or token is unknown, used or expired");
  return tokens_answer(*tokens);
}

Result<http::Response> revoke_token(Call& call) {
  http::Response refused;
  const auto asked = TRY(read_token_call(call, refused));
  if (!asked) return refused;
  const std::string token = value_of(asked->fields, "token"), hint = value_of(asked->fields, "token_type_hint");
  if (token.empty() || (hint != "access_token" && hint != "refresh_token"))
    return oauth_error(400, "invalid_request", "The token and its token_type_hint are required");
  TRY(Authorizations(call.tx).revoke(asked->client_id, token));
  return http::Response{204, "", "", {}};
}

Result<http::Response> show_organization_page(Call& call) {
  Organizations organizations(call.tx);
  const auto organization = organizations.find(call.path.values[0]);
  if (!organization && organization.error().code != ErrorCode::not_found) return Failure{organization.error()};
  if (!organization) return bad_request_page(asked_language(call), "There is no such organization");
  const auto profiles = TRY(organizations.profiles(organization->id));
  return organization_page(asked_language(call), *organization, profiles);
}

Result<http::Response> change_organization(Call& call) {
  Organizations organizations(call.tx);
  const auto organization = organizations.find(call.path.values[0]);
  const auto pairs = http::parse_pairs(call.request.body);
  const std::string state = pairs ? value_of(*pairs, "onboarding") : std::string();
  if (!organization && organization.error().code != ErrorCode::not_found) return Failure{organization.error()};
  if (!organization || std::ranges::find(onboarding_states, state) == std::end(onboarding_states))
    return bad_request_page(asked_language(call), "There is no such organization, or no such state");
  TRY(organizations.set_onboarding(*organization, state));
  return http::see_other("/organizations/" + organization->id);
}

}  // namespace paylink::simulator
