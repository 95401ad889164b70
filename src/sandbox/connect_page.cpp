#include "sandbox/connect_page.hpp"

#include <algorithm>

#include "domain/bank_account_number.hpp"
#include "http/status.hpp"
#include "http/web_address.hpp"

namespace paylink::sandbox {
namespace {

using pages::Language;
using pages::Values;

Values facts_of(const app::ConnectionView& view) {
  Values facts;
  facts["organization"] = view.organization.name;
  facts["bank_account"] = view.bank_account.name + ", " + masked_account_number(view.bank_account.iban);
  facts["callback"] = http::authority_of(view.connection.callback_url);
  if (view.connection.business_description)
    facts["description"] = Values("description", *view.connection.business_description);
  if (view.connection.website_url) facts["website"] = Values("website", *view.connection.website_url);
  return facts;
}

http::Response plain_page(const Language& language, int status, const std::string& key) {
  Values values;
  values["title"] = language.text(key + "_title");
  values["text"] = language.text(key + "_text");
  return language.page(status, "sandbox/connect", values);
}

}  // namespace

http::Response connect_page(const Language& language, const app::ConnectionView& view, const std::string& action,
                            Leave leave) {
  const ConnectionStatus status = view.connection.status;
  const std::string key = "connect." + std::string(connection_status_names.name(status));
  const std::string callback = pages::web_address(view.connection.callback_url);
  Values values;
  values["title"] = language.text(key + "_title", {{"organization", view.organization.name}});
  const bool only_seen = status == ConnectionStatus::pending && !view.can_decide;
  values["text"] = language.text(only_seen ? "connect.pending_seen_text" : key + "_text");
  values["facts"] = facts_of(view);
  const bool form_shown = view.can_decide && leave == Leave::by_link && status != ConnectionStatus::disabled;
  if (form_shown) {
    Values form;
    form["action"] = action;
    const bool pending = status == ConnectionStatus::pending;
    form["can_enable"] = pending;
    form["disable"] = language.text(pending ? "connect.refuse" : "connect.disconnect");
    values["form"] = std::move(form);
  }
  if (!callback.empty() && form_shown) {
    values["later"] = Values("url", callback);
  } else if (!callback.empty()) {
    Values back;
    back["url"] = callback;
    back["label"] = language.text("connect.back", {{"callback", http::authority_of(callback)}});
    values["back"] = std::move(back);
  }
  auto response = language.page(200, "sandbox/connect", values);
  if (leave == Leave::at_once && !callback.empty()) response.add_field("Refresh", "2; url=" + callback);
  return response;
}

http::Response connect_error_page(const Language& language, const Error& error) {
  const int status = http::http_status(error.code);
  if (status == 404) return plain_page(language, status, "connect.unknown");
  if (status < 500 && status != 429) return plain_page(language, status, "connect.refused");
  auto response = plain_page(language, status, "connect.later");
  response.add_field("Retry-After", std::to_string(std::max(error.retry_after_seconds, std::int64_t{1})));
  return response;
}

}  // namespace paylink::sandbox
