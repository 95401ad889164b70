#include "api/organization.hpp"

#include "api/errors_json.hpp"
#include "api/list_query.hpp"
#include "app/view_organization.hpp"

namespace paylink::api {
namespace {

using runtime::Access;
using runtime::Input;

Result<app::ViewOrganization> decode_accounts(const Input& input) {
  ListQuery query(input.request.query);
  app::ViewOrganization command{query.page()};
  TRY(query.result());
  return command;
}

void write_accounts(json::Writer& json, const app::OrganizationView& view) {
  json.key("bank_accounts").begin_array();
  std::int64_t number = view.accounts.page.offset();
  for (const BankAccount& account : view.accounts.entries) {
    json.begin_object().text("id", account.id.text());
    json.text("slug", view.organization.slug + "-bank-account-" + std::to_string(++number));
    json.text("organization_id", account.organization.text()).text("name", account.name).text("iban", account.iban);
    json.text("bic", account.bic).text("currency", account.currency).boolean("main", account.main);
    json.text("status", "active").end_object();
  }
  json.end_array();
}

http::Response show_organization(const app::OrganizationView& view, const http::Request&) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("organization").begin_object();
  json.text("id", view.organization.id.text()).text("slug", view.organization.slug);
  json.text("name", view.organization.name).text("legal_name", view.organization.name);
  write_accounts(json, view);
  json.end_object().end_object();
  return {200, "application/json", std::move(out), {}};
}

http::Response show_accounts(const app::OrganizationView& view, const http::Request&) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  write_accounts(json, view);
  write_meta(json, view.accounts.page, view.accounts.total);
  json.end_object();
  return {200, "application/json", std::move(out), {}};
}

// The original's word: what our commands call a reporter it knows as reporting.
std::string_view shown_role(Role role) { return role == Role::reporter ? "reporting" : role_names.name(role); }

// Clients of the original read names and team as texts, and may stop at null. An organization is one team.
http::Response show_membership(const Member& member, const http::Request&) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("membership").begin_object();
  json.text("id", member.id.text()).text("organization_id", member.organization.text()).text("email", member.email);
  json.text("first_name", "").text("last_name", "").text("role", shown_role(member.role));
  json.text("team_id", member.organization.text()).text("status", "active");
  json.end_object().end_object();
  return {200, "application/json", std::move(out), {}};
}

}  // namespace

std::vector<runtime::Route> organization_routes() {
  runtime::Routes routes(encode_error);
  const auto organization = Access::scope(app::Scope::organization_read);
  routes.read(
      http::Method::get, "/v2/organization", organization,
      [](const Input&) -> Result<app::ViewOrganization> { return app::ViewOrganization{}; }, app::view_organization,
      show_organization);
  routes.read(http::Method::get, "/v2/bank_accounts", organization, decode_accounts, app::view_organization,
              show_accounts);
  routes.read(
      http::Method::get, "/v2/membership", Access::scope(app::Scope::membership_read),
      [](const Input&) -> Result<app::ViewMembership> { return app::ViewMembership{}; }, app::view_membership,
      show_membership);
  return routes.take();
}

}  // namespace paylink::api
