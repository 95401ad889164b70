#include "simulator/organization_endpoints.hpp"

#include <algorithm>

#include "json/document.hpp"
#include "json/writer.hpp"
#include "simulator/answers.hpp"
#include "simulator/authorizations.hpp"
#include "simulator/client_links.hpp"
#include "simulator/idempotency.hpp"
#include "simulator/organizations.hpp"
#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

void link(json::Writer& json, const Call& call, std::string_view name, std::string_view path,
          std::string_view type = hal) {
  json.key(name).begin_object();
  json.text("href", std::string(call.base_url).append(path)).text("type", type).end_object();
}

void append_profile(json::Writer& json, const Call& call, const Profile& profile, std::string_view mode) {
  json.begin_object().text("resource", "profile").text("id", profile.id).text("mode", mode);
  json.text("name", profile.name).text("website", "https://shop.example.com");
  json.text("email", "shop@example.com").text("phone", "+31208202070").text("businessCategory", "OTHER_MERCHANDISE");
  json.text("status", "verified").text("createdAt", time_text(profile.created_at));
  json.key("_links").begin_object();
  link(json, call, "self", "/v2/profiles/" + profile.id);
  link(json, call, "dashboard", "/organizations/" + profile.organization, html);
  link(json, call, "methods", "/v2/methods");
  link(json, call, "payments", "/v2/payments");
  link(json, call, "checkoutPreviewUrl", "/docs/checkout-preview", html);
  link(json, call, "documentation", "/docs/get-profile", html);
  json.end_object().end_object();
}

http::Response profile_answer(const Call& call, const Profile& profile, std::string_view mode) {
  std::string body;
  json::Writer json(body);
  append_profile(json, call, profile, mode);
  return hal_answer(200, std::move(body));
}

// Of a key that is no organization's: made up, and the same each time.
Profile profile_of_key(std::string_view tenant) {
  const std::string id = profile_id_of(tenant);
  constexpr std::int64_t march_2024 = 1'710'926'017'000'000;
  return {id, "docs", profile_name_of(tenant), {}, std::string(tenant), from_microseconds(march_2024)};
}

}  // namespace

Result<http::Response> show_own_profile(Call& call) {
  const auto known = TRY(Organizations(call.tx).profile_of_tenant(call.tenant));
  return profile_answer(call, known ? *known : profile_of_key(call.tenant), "test");
}

Result<http::Response> list_profiles(Call& call) {
  const auto profiles = TRY(Organizations(call.tx).profiles(call.organization));
  std::string body;
  json::Writer json(body);
  json.begin_object().integer("count", static_cast<std::int64_t>(profiles.size()));
  json.key("_embedded").begin_object().key("profiles").begin_array();
  for (const Profile& profile : profiles) append_profile(json, call, profile, "live");
  json.end_array().end_object();
  json.key("_links").begin_object();
  link(json, call, "self", "/v2/profiles");
  json.null("previous").null("next");
  link(json, call, "documentation", "/docs/list-profiles", html);
  json.end_object().end_object();
  return hal_answer(200, std::move(body));
}

Result<http::Response> show_profile(Call& call) {
  const auto profiles = TRY(Organizations(call.tx).profiles(call.organization));
  const auto profile = std::ranges::find(profiles, call.path.values[0], &Profile::id);
  if (profile == profiles.end()) return fail(ErrorCode::not_found, "not_found", "No profile exists with this id.");
  return profile_answer(call, *profile, "live");
}

Result<http::Response> show_organization(Call& call) {
  const auto organization = TRY(Organizations(call.tx).find(call.organization));
  std::string body;
  json::Writer json(body);
  json.begin_object().text("resource", "organization").text("id", organization.id).text("name", organization.name);
  json.text("email", "office@example.com").text("locale", "en_US");
  json.key("address").begin_object().text("streetAndNumber", "Keizersgracht 126").text("postalCode", "1015 CW");
  json.text("city", "Amsterdam").text("country", "NL").end_object();
  json.text("registrationNumber", "30204462").text("vatNumber", "NL815839091B01").text("vatRegulation", "dutch");
  json.key("_links").begin_object();
  link(json, call, "self", "/v2/organizations/me");
  link(json, call, "dashboard", "/organizations/" + organization.id, html);
  link(json, call, "documentation", "/docs/get-current-organization", html);
  json.end_object().end_object();
  return hal_answer(200, std::move(body));
}

Result<http::Response> show_onboarding(Call& call) {
  const auto organization = TRY(Organizations(call.tx).find(call.organization));
  const bool is_completed = organization.onboarding == "completed";
  std::string body;
  json::Writer json(body);
  json.begin_object().text("resource", "onboarding").text("name", organization.name);
  json.text("status", organization.onboarding).text("signedUpAt", time_text(organization.created_at));
  json.boolean("canReceivePayments", is_completed).boolean("canReceiveSettlements", is_completed);
  json.key("_links").begin_object();
  link(json, call, "self", "/v2/onboarding/me");
  link(json, call, "dashboard", "/organizations/" + organization.id, html);
  link(json, call, "organization", "/v2/organizations/me");
  link(json, call, "documentation", "/docs/get-onboarding-status", html);
  json.end_object().end_object();
  return hal_answer(200, std::move(body));
}

Result<http::Response> list_permissions(Call& call) {
  const auto scopes = all_scopes();
  std::string body;
  json::Writer json(body);
  json.begin_object().integer("count", static_cast<std::int64_t>(scopes.size()));
  json.key("_embedded").begin_object().key("permissions").begin_array();
  for (const std::string& scope : scopes) {
    json.begin_object().text("resource", "permission").text("id", scope).text("description", scope);
    json.boolean("granted", Authorization{{}, {}, {}, call.scopes}.allows(scope));
    json.key("_links").begin_object();
    link(json, call, "self", "/v2/permissions/" + scope);
    json.end_object().end_object();
  }
  json.end_array().end_object();
  json.key("_links").begin_object();
  link(json, call, "self", "/v2/permissions");
  link(json, call, "documentation", "/docs/list-permissions", html);
  json.end_object().end_object();
  return hal_answer(200, std::move(body));
}

Result<http::Response> create_client_link(Call& call) {
  return answer_once(call, [&]() -> Result<http::Response> {
    const auto document = json::Document::parse(call.request.body);
    if (!document || document->root().type() != json::Type::object)
      return fail(ErrorCode::invalid_input, "bad_request", "The request body is not a JSON object");
    const auto root = document->root();
    for (const std::string_view key : {"owner", "address"}) {
      const auto found = root.find(key);
      if (!found || found->type() != json::Type::object)
        return unprocessable(std::string(key), "The " + std::string(key) + " is required");
    }
    const auto name = root.find("name");
    if (!name || name->type() != json::Type::text || !is_organization_name(name->text()))
      return unprocessable("name", "The name is required");
    const auto id = TRY(ClientLinks(call.tx).insert(name->text()));
    std::string body;
    json::Writer json(body);
    json.begin_object().text("resource", "client-link").text("id", id);
    json.key("_links").begin_object();
    link(json, call, "clientLink", "/client-links/" + id, html);
    link(json, call, "documentation", "/docs/create-client-link", html);
    json.end_object().end_object();
    return hal_answer(201, std::move(body));
  });
}

}  // namespace paylink::simulator
