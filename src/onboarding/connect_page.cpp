#include "onboarding/connect_page.hpp"

#include <algorithm>

#include "domain/bank_account_number.hpp"
#include "http/status.hpp"
#include "http/web_address.hpp"

namespace paylink::onboarding {
namespace {

using pages::Language;
using pages::Values;

constexpr auto fault_names = names<KeyFault>({
    {KeyFault::missing, "key_missing"},
    {KeyFault::no_api_key, "no_api_key"},
    {KeyFault::key_refused, "key_refused"},
    {KeyFault::no_profile, "no_profile"},
    {KeyFault::profile_blocked, "profile_blocked"},
    {KeyFault::other_mode, "other_mode"},
    {KeyFault::other_profile, "other_profile"},
});

std::string text(const Language& language, std::string_view key) {
  return language.text("onboarding." + std::string(key));
}

Values profile_of(const Language& language, const std::string& id, const std::string& name, const std::string& mode) {
  Values profile;
  profile["name"] = name;
  profile["id"] = id;
  profile["mode"] = text(language, mode == "live" ? "live" : "test");
  return profile;
}

Values facts_of(const Language& language, const app::ConnectionView& view) {
  const app::Connection& connection = view.connection;
  Values facts;
  facts["organization"] = view.organization.name;
  facts["bank_account"] = view.bank_account.name + ", " + masked_account_number(view.bank_account.iban);
  if (connection.business_description) facts["description"] = Values("text", *connection.business_description);
  if (connection.website_url) facts["website"] = Values("text", *connection.website_url);
  if (!connection.account_name.empty()) facts["account"] = Values("text", connection.account_name);
  if (!connection.profile_id.empty())
    facts["profile"] = profile_of(language, connection.profile_id, connection.profile_name, connection.mode);
  return facts;
}

Values form_of(const ConnectForms& forms, std::string_view step, const std::string& token) {
  Values form;
  form["action"] = forms.action + std::string(step);
  form["token"] = token;
  return form;
}

void set_proposal(Values& values, const Language& language, const ConnectPage& page) {
  const store::ProposedKey& proposed = *page.proposal;
  const bool is_enabled = page.view.connection.status == ConnectionStatus::enabled;
  const std::string what = proposed.grant ? "profile" : "proposed";
  Values proposal;
  proposal["profile"] = profile_of(language, proposed.profile_id, proposed.profile_name, proposed.mode);
  proposal["text"] = text(language, what + (proposed.mode == "live" ? "_live_text" : "_test_text"));
  proposal["confirm"] = form_of(page.forms, "/confirm", page.forms.confirm_token);
  proposal["at"] = std::to_string(to_microseconds(proposed.at));
  proposal["button"] = text(language, is_enabled && !proposed.grant ? "replace" : "confirm");
  Values discard = form_of(page.forms, "/discard", page.forms.discard_token);
  discard["button"] = text(language, proposed.grant ? "choose_again" : "discard");
  proposal["discard"] = std::move(discard);
  values["proposal"] = std::move(proposal);
}

void set_end(Values& values, const Language& language, const ConnectPage& page) {
  const bool is_enabled = page.view.connection.status == ConnectionStatus::enabled;
  Values end = form_of(page.forms, "/disconnect", page.forms.disconnect_token);
  end["button"] = text(language, is_enabled ? "disconnect" : "give_up");
  end["hint"] = text(language, is_enabled ? "disconnect_hint" : "give_up_hint");
  values["disconnect"] = std::move(end);
}

// With one profile and mode that fit there is nothing to choose but to go on.
void set_choice(Values& values, const Language& language, const ConnectPage& page) {
  const app::Connection& connection = page.view.connection;
  const bool is_enabled = connection.status == ConnectionStatus::enabled;
  Values choice = form_of(page.forms, "/profile", page.forms.profile_token);
  choice["account"] = page.choice->account_name;
  if (!page.choice->is_complete) choice["incomplete"] = true;
  if (page.fault)
    choice["fault"] = Values("text", text(language, "choice_" + std::string(fault_names.name(*page.fault))));
  Values profiles(Values::type::list);
  for (const app::ProviderProfile& profile : page.choice->profiles) {
    Values entry;
    entry["id"] = profile.id;
    entry["name"] = profile.name;
    if (profile.is_blocked) entry["blocked"] = true;
    if (page.choice->profiles.size() == 1 || (is_enabled && profile.id == connection.profile_id))
      entry["checked"] = true;
    profiles.push_back(entry);
  }
  choice["profiles"] = std::move(profiles);
  if (is_enabled) choice[connection.mode == "live" ? "is_live" : "is_test"] = true;
  Values discard = form_of(page.forms, "/discard", page.forms.discard_token);
  choice["discard"] = std::move(discard);
  values["choice"] = std::move(choice);
}

void set_forms(Values& values, const Language& language, const ConnectPage& page) {
  const bool is_enabled = page.view.connection.status == ConnectionStatus::enabled;
  Values key = form_of(page.forms, "/key", page.forms.key_token);
  key["title"] = text(language, is_enabled ? "another_key" : "key_title");
  if (page.fault) key["fault"] = Values("text", text(language, fault_names.name(*page.fault)));
  values["key"] = std::move(key);
  if (page.offers_authorization) {
    values["authorize"] = form_of(page.forms, "/authorize", page.forms.authorize_token);
    if (page.came_back == Return::refused) values["refused"] = true;
  }
  set_end(values, language, page);
}

// Confirmed, and the provider has yet to let its account be paid.
bool is_waiting(const app::Connection& connection) {
  return connection.status == ConnectionStatus::pending && connection.grant.has_value();
}

std::string text_key(const ConnectPage& page, const std::string& key) {
  const bool is_pending = key == "pending";
  if (is_pending && !page.view.can_decide) return "pending_seen_text";
  return is_pending && page.offers_authorization ? "pending_connect_text" : key + "_text";
}

struct NoticeRow {
  std::string_view reason, key;
};

// What is not listed is told by its status.
constexpr NoticeRow notices[] = {
    {"not_found", "unknown"},
    {"not_administrator", "not_administrator"},
    {"decided", "decided"},
    {"not_from_here", "outdated"},
    {"form_expired", "outdated"},
    {"outdated_proposal", "outdated"},
    {"outdated_authorization", "outdated_return"},
};

std::string_view notice_of(const Error& error) {
  const auto* row = std::ranges::find(notices, std::string_view(error.reason), &NoticeRow::reason);
  if (row != std::end(notices)) return row->key;
  const bool is_temporary = error.code == ErrorCode::unavailable || error.code == ErrorCode::rate_limited;
  return is_temporary ? "later" : "failed";
}

}  // namespace

std::optional<KeyFault> key_fault_of(const Error& error) {
  return error.code == ErrorCode::invalid_input ? fault_names.parse(error.reason) : std::nullopt;
}

http::Response connect_page(const Language& language, const ConnectPage& page) {
  const app::Connection& connection = page.view.connection;
  const bool waits = is_waiting(connection);
  const std::string key = std::string(waits ? "waiting" : connection_status_names.name(connection.status));
  const std::string callback = pages::web_address(connection.callback_url);
  Values values;
  set_frame(values, page.frame);
  values["title"] = language.text("onboarding." + key + "_title", {{"organization", page.view.organization.name}});
  values["text"] = text(language, text_key(page, key));
  if (page.just_decided) values["decided"] = true;
  values["facts"] = facts_of(language, page.view);
  const bool has_forms = page.view.can_decide && connection.status != ConnectionStatus::disabled;
  if (page.proposal != nullptr)
    set_proposal(values, language, page);
  else if (has_forms && page.choice)
    set_choice(values, language, page);
  else if (has_forms && waits)
    set_end(values, language, page);
  else if (has_forms)
    set_forms(values, language, page);
  if (!callback.empty()) {
    Values back;
    back["url"] = callback;
    back["label"] = language.text("onboarding.back", {{"callback", http::authority_of(callback)}});
    values[page.just_decided ? "onward" : "back"] = std::move(back);
  }
  return language.page(page.fault ? 422 : 200, "onboarding/connect", values);
}

http::Response leaving_page(const Language& language, const session::Frame& frame, const std::string& url) {
  Values values;
  set_frame(values, frame);
  values["title"] = text(language, "leaving_title");
  values["text"] = text(language, "leaving_text");
  values["url"] = url;
  auto response = language.page(200, "onboarding/leaving", values);
  response.add_field("Refresh", "0; url=" + url);
  return response;
}

http::Response notice_page(const Language& language, const Error& error, const std::string& again) {
  const std::string key = "onboarding." + std::string(notice_of(error));
  Values values;
  values["title"] = language.text(key + "_title");
  values["text"] = language.text(key + "_text");
  if (!again.empty()) values["again"] = Values("url", again);
  const int status = http::http_status(error.code);
  auto response = language.page(status, "onboarding/notice", values);
  if (status == 429 || status == 503)
    response.add_field("Retry-After", std::to_string(std::max(error.retry_after_seconds, std::int64_t{1})));
  return response;
}

}  // namespace paylink::onboarding
