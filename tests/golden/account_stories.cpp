#include "golden/account_stories.hpp"

#include "account/account_page.hpp"
#include "account/form_pages.hpp"
#include "account/notice_page.hpp"

namespace paylink::golden {
namespace {

using namespace account;
using pages::Language;

const Frame frame{"ada@example.com", "c2lnbi1vdXQ"};
const Frame hostile_frame{hostile, hostile};

Time at(std::string_view text) { return *parse_rfc3339(text); }

template <class Id>
Id id(char last) {
  return *Id::parse(std::string("0193a4b2-7c1e-7a60-9d1f-5e2a8c4b6d1") + last);
}

store::Consent consent(char last, std::string name, std::string_view scopes) {
  const Time since = at("2026-01-15T14:05:59Z");
  return {id<store::OauthClientId>(last), std::move(name), *Scopes::parse(scopes), since, since};
}

store::Session session(char last, std::string user_agent) {
  return {id<UserId>('0'),
          id<store::SessionId>(last),
          at("2026-01-15T08:00:00Z"),
          at("2026-01-15T08:00:00Z"),
          at("2026-01-15T14:05:59Z"),
          at("2026-01-15T20:00:00Z"),
          std::move(user_agent)};
}

app::AccountView::OrganizationView organization(std::string name, Role role, std::vector<store::Consent> applications) {
  return {{{id<OrganizationId>('1'), "slug", std::move(name)}, id<MembershipId>('2'), role}, std::move(applications)};
}

AccountPage page_of(Frame of, app::AccountView view) {
  return {.frame = std::move(of),
          .view = std::move(view),
          .here = id<store::SessionId>('1'),
          .revoke_token = "cmV2b2tl",
          .everywhere_token = "ZXZlcnl3aGVyZQ"};
}

void add_account(std::vector<Story>& stories, const Language& language) {
  const auto here = session('1', "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
  const app::AccountView full{
      {organization("Atelier Lumière", Role::owner,
                    {consent('3', "Bookkeeping", "offline_access organization.read payment_link.read"),
                     consent('4', "Shop", "payment_link.create")}),
       organization("Maison Bernard SARL", Role::reporter, {}),
       organization("Café des Arts", Role::manager, {consent('5', "Till", "payment_link.write")})},
      {session('2', "curl/8.9.1"), here, session('3', "")}};
  auto page = page_of(frame, full);
  stories.push_back({"account", account_page(language, page)});
  page.done = Done::application_revoked;
  stories.push_back({"account_revoked", account_page(language, page)});
  auto empty = page_of(frame, {{}, {here}});
  empty.done = Done::password_changed;
  stories.push_back({"account_empty", account_page(language, empty)});
  auto nasty = page_of(hostile_frame, {{organization(hostile, Role::admin, {consent('3', hostile, "webhook")})},
                                       {session('1', hostile)}});
  nasty.revoke_token = nasty.everywhere_token = hostile;
  stories.push_back({"account_hostile", account_page(language, nasty)});
}

void add_forms(std::vector<Story>& stories, const Language& language) {
  const std::string token = "c2lnbi1pbg", back = "/oauth2/auth?client_id=1&state=a";
  stories.push_back({"sign_in", sign_in_page(language, {.token = token, .return_to = back})});
  stories.push_back({"sign_in_signed_out",
                     sign_in_page(language, {.token = token, .return_to = "/account", .signed_out = SignedOut::here})});
  stories.push_back(
      {"sign_in_signed_out_everywhere",
       sign_in_page(language, {.token = token, .return_to = "/account", .signed_out = SignedOut::everywhere})});
  stories.push_back({"sign_in_faults_empty",
                     sign_in_page(language, {.token = token,
                                             .return_to = "/account",
                                             .faults = {FormFault::email_missing, FormFault::password_missing}})});
  stories.push_back({"sign_in_faults_wrong", sign_in_page(language, {.token = token,
                                                                     .return_to = "/account",
                                                                     .email = "ada@example.com",
                                                                     .faults = {FormFault::sign_in_wrong}})});
  stories.push_back(
      {"sign_in_hostile",
       sign_in_page(language,
                    {.token = hostile, .return_to = hostile, .email = hostile, .faults = {FormFault::sign_in_wrong}})});
  stories.push_back({"sign_in_onward", onward_page(language, back)});
  stories.push_back({"password", password_page(language, {frame, token})});
  stories.push_back({"password_faults", password_page(language, {frame, token, {FormFault::current_wrong}})});
  for (const auto& [name, fault] :
       {std::pair("short", FormFault::too_short), std::pair("long", FormFault::too_long),
        std::pair("email", FormFault::is_email), std::pair("one_character", FormFault::one_character),
        std::pair("unchanged", FormFault::unchanged), std::pair("not_repeated", FormFault::not_repeated)})
    stories.push_back({std::string("password_faults_") + name,
                       password_page(language, {frame, token, {FormFault::current_missing, fault}})});
  stories.push_back({"password_hostile", password_page(language, {hostile_frame, hostile})});
  stories.push_back({"confirm", confirm_page(language, {frame, token, back})});
  stories.push_back({"confirm_faults", confirm_page(language, {frame, token, back, {FormFault::password_wrong}})});
  stories.push_back({"confirm_hostile", confirm_page(language, {hostile_frame, hostile, hostile})});
}

void add_notices(std::vector<Story>& stories, const Language& language) {
  const std::pair<const char*, NoticeKind> kinds[] = {{"busy", NoticeKind::busy},
                                                      {"form_expired", NoticeKind::form_expired},
                                                      {"not_from_here", NoticeKind::not_from_here},
                                                      {"unavailable", NoticeKind::unavailable}};
  for (const auto& [name, kind] : kinds)
    stories.push_back({std::string("account_") + name, notice_page(language, {.kind = kind})});
  for (const std::int64_t seconds : {60, 840})
    stories.push_back({"account_attempts_" + std::to_string(seconds),
                       notice_page(language, {NoticeKind::too_many_attempts, seconds})});
  stories.push_back({"account_internal", notice_page(language, {.kind = NoticeKind::internal,
                                                                .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"})});
}

}  // namespace

void add_account_pages(std::vector<Story>& stories, const Language& language) {
  add_account(stories, language);
  add_forms(stories, language);
  add_notices(stories, language);
}

}  // namespace paylink::golden
