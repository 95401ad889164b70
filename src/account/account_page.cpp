#include "account/account_page.hpp"

#include <algorithm>

#include "account/browser_name.hpp"

namespace paylink::account {
namespace {

using pages::Language;
using pages::Rows;
using pages::Values;

Values moment(const Language& language, Time time) {
  Values values;
  values["machine"] = to_rfc3339(time);
  values["text"] = language.formats().moment(time);
  return values;
}

std::string browser_text(const Language& language, const std::string& user_agent) {
  const auto name = browser_name(user_agent);
  if (!name) return user_agent.empty() ? language.text("session.unknown") : user_agent;
  if (name->system.empty()) return std::string(name->browser);
  return language.text("session.browser",
                       {{"browser", std::string(name->browser)}, {"system", std::string(name->system)}});
}

Rows scope_rows(const Language& language, const Scopes& scopes) {
  Rows rows;
  for (const std::string_view name : scopes.names())
    rows.push_back(Values("text", language.text("scope." + std::string(name))));
  return rows;
}

Rows application_rows(const Language& language, const app::AccountView::OrganizationView& organization) {
  Rows rows;
  for (const store::Consent& consent : organization.applications) {
    Values row;
    row["name"] = consent.client_name;
    row["organization"] = organization.membership.organization.id.text();
    row["client"] = consent.client.text();
    row["since"] = moment(language, consent.created_at);
    row["scopes"] = scope_rows(language, consent.scopes);
    row["revoke"] = language.text("account.revoke_of", {{"application", consent.client_name}});
    rows.push_back(std::move(row));
  }
  return rows;
}

Rows session_rows(const Language& language, const AccountPage& page) {
  Rows rows;
  std::vector<store::Session> sessions = page.view.sessions;
  const auto here = std::ranges::find(sessions, page.here, &store::Session::id);
  if (here != sessions.end()) std::rotate(sessions.begin(), here, here + 1);
  for (const store::Session& session : sessions) {
    Values row;
    row["browser"] = browser_text(language, session.user_agent);
    row["here"] = session.id == page.here;
    row["since"] = moment(language, session.created_at);
    row["seen"] = moment(language, session.last_seen_at);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

http::Response account_page(const Language& language, const AccountPage& page) {
  Rows organizations, connected;
  for (const auto& organization : page.view.organizations) {
    const std::string& name = organization.membership.organization.name;
    Values row;
    row["name"] = name;
    row["role"] = language.text("role." + std::string(role_names.name(organization.membership.role)));
    organizations.push_back(std::move(row));
    if (organization.applications.empty()) continue;
    Values of;
    of["organization_name"] = name;
    of["list"] = application_rows(language, organization);
    connected.push_back(std::move(of));
  }
  Values values;
  set_frame(values, page.frame);
  values["title"] = language.text("account.title");
  if (page.done != Done::nothing)
    values["done"] = Values(
        "text", language.text(page.done == Done::password_changed ? "account.password_changed" : "account.revoked"));
  values["has_organizations"] = !organizations.empty();
  values["organizations"] = organizations;
  values["has_applications"] = !connected.empty();
  values["connected"] = connected;
  values["sessions"] = session_rows(language, page);
  values["revoke_token"] = page.revoke_token;
  values["everywhere_token"] = page.everywhere_token;
  return language.page(200, "account/account", values);
}

}  // namespace paylink::account
