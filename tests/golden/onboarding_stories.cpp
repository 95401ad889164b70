#include "golden/onboarding_stories.hpp"

#include "onboarding/connect_page.hpp"

namespace paylink::golden {
namespace {

using namespace onboarding;
using pages::Language;

constexpr auto action = "/connect/AaIJZle9dHaJs1mFSrKrBgGiCWZcd300oMVcjAtWgvg";
const session::Frame frame{"ada@example.com", "c2lnbi1vdXQ"};

app::ConnectionView view_of(ConnectionStatus status, bool can_decide) {
  app::Connection connection{{}, {}, "mollie", "test", status, "sealed", {}, "https://shop.example.com/settings"};
  connection.website_url = "https://atelier.example.com";
  const BankAccount account{{}, {}, "Main account", "FR7716798000010000000000103", "TRZOFR21XXX", "EUR"};
  return {std::move(connection), can_decide, {{}, "atelier", "Atelier Lumière"}, account};
}

ConnectPage page_of(ConnectionStatus status, bool can_decide = true) {
  ConnectPage page{.frame = frame,
                   .view = view_of(status, can_decide),
                   .forms = {action, "a2V5", "Y29uZmlybQ", "ZGlzY2FyZA", "ZGlzY29ubmVjdA"}};
  if (status != ConnectionStatus::pending) {
    page.view.connection.profile_id = "pfl_QkEhN94Ba";
    page.view.connection.profile_name = "Atelier Lumière";
  }
  return page;
}

// The page of what is proposed, which lives in `page`.
http::Response proposed(const Language& language, ConnectPage page, const std::string& mode, const std::string& name) {
  page.view.connection.proposed =
      store::ProposedKey{"sealed", mode, "pfl_QkEhN94Ba", name, *parse_rfc3339("2026-01-15T14:05:59Z")};
  page.proposal = &*page.view.connection.proposed;
  return connect_page(language, page);
}

ConnectPage offering(ConnectionStatus status) {
  ConnectPage page = page_of(status);
  page.offers_authorization = true;
  page.forms.authorize_token = "YXV0aG9yaXpl";
  page.forms.profile_token = "cHJvZmlsZQ";
  return page;
}

ConnectPage choosing(ConnectionStatus status) {
  ConnectPage page = offering(status);
  page.choice = ProfileChoice{"Atelier Lumière SARL",
                              true,
                              {{"pfl_QkEhN94Ba", "Atelier Lumière"},
                               {"pfl_v9hTwCvYqw", "Atelier Lumière Lyon"},
                               {"pfl_3RkSN1zuPE", "Ancien atelier", true}}};
  return page;
}

void add_authorizing_pages(std::vector<Story>& stories, const Language& language) {
  using enum ConnectionStatus;
  stories.push_back({"onboarding_authorize", connect_page(language, offering(pending))});
  auto refused = offering(pending);
  refused.came_back = Return::refused;
  stories.push_back({"onboarding_authorize_refused", connect_page(language, refused)});
  stories.push_back({"onboarding_authorize_enabled", connect_page(language, offering(enabled))});
  stories.push_back(
      {"onboarding_leaving", leaving_page(language, frame, "https://my.mollie.com/oauth2/authorize?state=x&scope=y")});
  stories.push_back({"onboarding_choice", connect_page(language, choosing(pending))});
  stories.push_back({"onboarding_choice_enabled", connect_page(language, choosing(enabled))});
  auto single = choosing(pending);
  single.choice->profiles.resize(1);
  single.choice->is_complete = false;
  stories.push_back({"onboarding_choice_incomplete", connect_page(language, single)});
  for (const auto& [name, fault] :
       {std::pair("none", KeyFault::no_profile), std::pair("blocked", KeyFault::profile_blocked),
        std::pair("other_mode", KeyFault::other_mode), std::pair("other_profile", KeyFault::other_profile)}) {
    auto faulty = choosing(enabled);
    faulty.fault = fault;
    stories.push_back({std::string("onboarding_choice_") + name, connect_page(language, faulty)});
  }
  auto waiting = offering(pending);
  waiting.view.connection.grant = ProviderGrantId();
  waiting.view.connection.account_name = "Atelier Lumière SARL";
  waiting.view.connection.mode = "live";
  stories.push_back({"onboarding_waiting", connect_page(language, waiting)});
  auto hostile_choice = choosing(pending);
  hostile_choice.choice = ProfileChoice{hostile, false, {{hostile, hostile, true}}};
  hostile_choice.view.connection.account_name = hostile;
  stories.push_back({"onboarding_choice_hostile", connect_page(language, hostile_choice)});
  for (const char* mode : {"test", "live"}) {
    auto page = offering(pending);
    page.view.connection.proposed = store::ProposedKey{
        {}, mode, "pfl_QkEhN94Ba", "Atelier Lumière", *parse_rfc3339("2026-01-15T14:05:59Z"), ProviderGrantId()};
    page.proposal = &*page.view.connection.proposed;
    stories.push_back({std::string("onboarding_profile_") + mode, connect_page(language, page)});
  }
  stories.push_back({"onboarding_outdated_return",
                     notice_page(language, fail(ErrorCode::conflict, "outdated_authorization", "").error(), "")});
}

}  // namespace

void add_onboarding_pages(std::vector<Story>& stories, const Language& language) {
  using enum ConnectionStatus;
  stories.push_back({"onboarding_pending", connect_page(language, page_of(pending))});
  stories.push_back({"onboarding_pending_seen", connect_page(language, page_of(pending, false))});
  stories.push_back({"onboarding_proposed_test", proposed(language, page_of(pending), "test", "Atelier Lumière")});
  stories.push_back({"onboarding_proposed_live", proposed(language, page_of(pending), "live", "Atelier Lumière")});
  stories.push_back({"onboarding_replacement", proposed(language, page_of(enabled), "test", "Atelier Lumière")});
  stories.push_back({"onboarding_enabled", connect_page(language, page_of(enabled))});
  stories.push_back({"onboarding_disabled", connect_page(language, page_of(disabled))});
  for (const auto status : {enabled, disabled}) {
    auto decided = page_of(status, false);
    decided.just_decided = true;
    stories.push_back(
        {"onboarding_just_" + std::string(connection_status_names.name(status)), connect_page(language, decided)});
  }
  for (const auto& [name, fault] :
       {std::pair("missing", KeyFault::missing), std::pair("no_api_key", KeyFault::no_api_key),
        std::pair("refused", KeyFault::key_refused), std::pair("blocked", KeyFault::profile_blocked)}) {
    auto faulty = page_of(pending);
    faulty.fault = fault;
    stories.push_back({std::string("onboarding_key_") + name, connect_page(language, faulty)});
  }
  for (const auto& [name, fault] :
       {std::pair("other_mode", KeyFault::other_mode), std::pair("other_profile", KeyFault::other_profile)}) {
    auto faulty = page_of(enabled);
    faulty.fault = fault;
    stories.push_back({std::string("onboarding_key_") + name, connect_page(language, faulty)});
  }
  auto nasty = page_of(enabled);
  nasty.frame = {hostile, hostile};
  nasty.forms = {hostile, hostile, hostile, hostile, hostile};
  nasty.view.organization.name = nasty.view.bank_account.name = hostile;
  nasty.view.connection.profile_id = nasty.view.connection.profile_name = hostile;
  nasty.view.connection.business_description = nasty.view.connection.website_url = hostile;
  nasty.view.connection.callback_url = "javascript:alert(3)";
  stories.push_back({"onboarding_hostile", connect_page(language, nasty)});
  stories.push_back({"onboarding_proposed_hostile", proposed(language, std::move(nasty), "live", hostile)});
  for (const char* reason : {"not_found", "not_administrator", "decided", "form_expired"}) {
    const ErrorCode code = std::string_view(reason) == "not_found" ? ErrorCode::not_found
                           : std::string_view(reason) == "decided" ? ErrorCode::conflict
                                                                   : ErrorCode::forbidden;
    const bool leads_back = code == ErrorCode::conflict || std::string_view(reason) == "form_expired";
    stories.push_back({std::string("onboarding_") + reason,
                       notice_page(language, fail(code, reason, "").error(), leads_back ? action : "")});
  }
  stories.push_back({"onboarding_later",
                     notice_page(language, fail(ErrorCode::unavailable, "provider_unavailable", "").error(), action)});
  add_authorizing_pages(stories, language);
  stories.push_back({"onboarding_failed", notice_page(language, fail(ErrorCode::internal, "bug", "").error(), action)});
}

}  // namespace paylink::golden
