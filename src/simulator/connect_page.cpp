#include "simulator/connect_page.hpp"

#include "http/web_address.hpp"

namespace paylink::simulator {
namespace {

using pages::Language;
using pages::Values;

Values onboarding_choices(const Language& language, std::string_view chosen) {
  Values choices(Values::type::list);
  for (const std::string_view state : onboarding_states) {
    Values choice;
    choice["value"] = std::string(state);
    choice["label"] = language.text("simulator.onboarding." + std::string(state));
    if (state == chosen) choice["chosen"] = true;
    choices.push_back(choice);
  }
  return choices;
}

// Scheme and authority of an address: a source of the Content-Security-Policy.
std::string origin_of(const std::string& url) { return url.substr(0, url.find_first_of("/?#", url.find("//") + 2)); }

}  // namespace

http::Response authorize_page(const Language& language, const AuthorizeView& view) {
  Values values;
  values["title"] = language.text("simulator.authorize_title");
  values["text"] = language.text("simulator.authorize_text", {{"application", http::authority_of(view.redirect_uri)}});
  values["client_id"] = view.client_id;
  values["redirect_uri"] = view.redirect_uri;
  values["state"] = view.state;
  values["scope"] = view.scope;
  values["organization"] = view.organization;
  values["onboarding"] = onboarding_choices(language, onboarding_states[0]);
  return language.page(200, "simulator/authorize", values, origin_of(view.redirect_uri));
}

http::Response bad_request_page(const Language& language, std::string_view detail) {
  Values values;
  values["title"] = language.text("simulator.bad_request_title");
  values["detail"] = std::string(detail);
  return language.page(400, "simulator/bad_request", values);
}

http::Response organization_page(const Language& language, const Organization& organization,
                                 const std::vector<Profile>& profiles) {
  Values values;
  values["title"] = organization.name;
  values["action"] = "/organizations/" + organization.id;
  values["onboarding"] = onboarding_choices(language, organization.onboarding);
  Values list(Values::type::list);
  for (const Profile& profile : profiles) {
    Values entry;
    entry["name"] = profile.name;
    entry["id"] = profile.id;
    entry["key"] = profile.api_key;
    list.push_back(entry);
  }
  values["profiles"] = std::move(list);
  return language.page(200, "simulator/organization", values);
}

}  // namespace paylink::simulator
