#include "oauth/consent_page.hpp"

#include <algorithm>

#include "http/status.hpp"
#include "http/web_address.hpp"

namespace paylink::oauth {
namespace {

using pages::Language;
using pages::Values;

// What people are shown of where they will be sent: the host, or the scheme of an app on their device.
std::string host_of(const std::string& redirect_uri) {
  const auto address = http::parse_web_address(redirect_uri);
  return address ? address->authority : redirect_uri.substr(0, redirect_uri.find(':'));
}

// Browsers hold every step of the way out of a form against the page's policy, and an application's callback may lead
// on to another of its hosts.
std::string form_targets(const std::string& redirect_uri) {
  if (redirect_uri.starts_with("https:")) return "https:";
  const auto address = http::parse_web_address(redirect_uri);
  // CSP's grammar knows no address of IPv6: browsers leave it out of the list, and the form leads nowhere.
  if (address && address->authority.starts_with('[')) return "https: http:";
  if (address) return "https: http://" + address->authority;
  return redirect_uri.substr(0, redirect_uri.find(':') + 1);
}

Values scope_list(const Language& language, const Scopes& scopes) {
  pages::Rows list;
  for (const auto name : scopes.names()) list.push_back(Values("text", language.text("scope." + std::string(name))));
  return Values(list);
}

Values values_of(const Language& language, const ConsentPage& page) {
  Values values;
  values["client"] = page.client;
  values["host"] = host_of(page.redirect_uri);
  values["signed_in"] = language.text("consent.signed_in", {{"email", page.email}});
  values["action"] = page.action;
  values["token"] = page.token;
  values["sent_to"] = language.text("consent.sent_to", {{"host", host_of(page.redirect_uri)}});
  return values;
}

Values notice(const Language& language, const std::string& title, const std::string& text) {
  Values values;
  values["title"] = language.text("authorize." + title + "_title");
  values["text"] = language.text("authorize." + text + "_text");
  return values;
}

http::Response plain_page(const Language& language, int status, const std::string& key, const std::string& again) {
  Values values = notice(language, key, key);
  if (!again.empty()) values["again"] = Values("url", again);
  return language.page(status, "oauth/notice", values);
}

}  // namespace

http::Response problem_page(const Language& language, Problem problem) {
  switch (problem) {
    case Problem::bad_request:
      return plain_page(language, 400, "bad_request", {});
    case Problem::unknown_client:
      return plain_page(language, 400, "unknown_client", {});
    case Problem::no_client_id:
      return language.page(400, "oauth/notice", notice(language, "unknown_client", "no_client_id"));
    case Problem::no_redirect_uri:
      return language.page(400, "oauth/notice", notice(language, "bad_redirect_uri", "no_redirect_uri"));
    case Problem::bad_redirect_uri:
      return plain_page(language, 400, "bad_redirect_uri", {});
  }
  return plain_page(language, 500, "failed", {});
}

http::Response no_access_page(const Language& language, const NoAccessPage& page) {
  Values values = notice(language, "no_organization", page.is_named ? "not_of_organization" : "no_organization");
  values["person"] = Values("signed_in", language.text("consent.signed_in", {{"email", page.email}}));
  return language.page(403, "oauth/notice", values);
}

http::Response error_page(const Language& language, const Error& error, const std::string& again) {
  const int status = http::http_status(error.code);
  if (error.reason == "form_expired" || error.reason == "not_from_here")
    return plain_page(language, status, "form_expired", again);
  if (error.reason == "access_denied") return plain_page(language, status, "no_organization", {});
  if (status == 400 || status == 404) return plain_page(language, status, "bad_request", {});
  if (error.code != ErrorCode::unavailable && error.code != ErrorCode::rate_limited)
    return plain_page(language, status, "failed", again);
  auto response = plain_page(language, status, "later", again);
  response.add_field("Retry-After", std::to_string(std::max(error.retry_after_seconds, std::int64_t{1})));
  return response;
}

http::Response consent_page(const Language& language, const ConsentPage& page) {
  Values values = values_of(language, page);
  values["form"] = values_of(language, page);
  values["title"] = language.text("consent.title", {{"client", page.client}, {"organization", page.organization}});
  values["text"] = language.text(page.is_again ? "consent.again_text" : "consent.text",
                                 {{"client", page.client}, {"organization", page.organization}});
  values["scopes"] = scope_list(language, page.scopes);
  if (!page.withheld.empty()) values["withheld"] = Values("scopes", scope_list(language, page.withheld));
  return language.page(200, "oauth/consent", values, form_targets(page.redirect_uri));
}

http::Response not_allowed_page(const Language& language, const ConsentPage& page) {
  Values values = values_of(language, page);
  values["refusal"] = values_of(language, page);
  values["title"] = language.text("consent.not_allowed_title", {{"organization", page.organization}});
  values["text"] =
      language.text("consent.not_allowed_text", {{"client", page.client}, {"organization", page.organization}});
  values["withheld"] = Values("scopes", scope_list(language, page.withheld));
  return language.page(200, "oauth/consent", values, form_targets(page.redirect_uri));
}

http::Response choice_page(const Language& language, const ChoicePage& page) {
  Values values;
  values["title"] = language.text("consent.choose_title", {{"client", page.client}});
  values["signed_in"] = language.text("consent.signed_in", {{"email", page.email}});
  values["refused_to"] = language.text("consent.refused_to", {{"host", host_of(page.redirect_uri)}});
  values["action"] = page.action;
  values["token"] = page.token;
  pages::Rows list;
  for (const auto& choice : page.choices) {
    Values row;
    row["name"] = choice.name;
    row["address"] = choice.address;
    list.push_back(std::move(row));
  }
  values["choices"] = list;
  return language.page(200, "oauth/choose", values, form_targets(page.redirect_uri));
}

}  // namespace paylink::oauth
