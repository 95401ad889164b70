#include "golden/oauth_stories.hpp"

#include "oauth/consent_page.hpp"

namespace paylink::golden {
namespace {

using namespace oauth;
using pages::Language;

constexpr auto query = "/oauth2/auth?client_id=1&state=a";

ConsentPage asking() {
  return {.client = "Shop",
          .redirect_uri = "https://shop.example/callback",
          .email = "ada@example.com",
          .organization = "Atelier Lumière",
          .scopes = *Scopes::parse("offline_access payment_link.read"),
          .withheld = {},
          .action = query,
          .token = "Y29uc2VudA"};
}

void add_consent(std::vector<Story>& stories, const Language& language) {
  auto page = asking();
  stories.push_back({"oauth_consent", consent_page(language, page)});
  page.is_again = true;
  page.withheld = *Scopes::parse("payment_link.write");
  page.redirect_uri = "com.example.till:/callback";
  stories.push_back({"oauth_consent_again", consent_page(language, page)});
  page.scopes = {};
  stories.push_back({"oauth_not_allowed", not_allowed_page(language, page)});
  page = asking();
  page.client = page.email = page.organization = page.action = page.token = hostile;
  stories.push_back({"oauth_consent_hostile", consent_page(language, page)});
}

void add_choice(std::vector<Story>& stories, const Language& language) {
  ChoicePage page{.client = "Shop",
                  .redirect_uri = "http://127.0.0.1:8765/callback",
                  .email = "ada@example.com",
                  .choices = {{"Atelier Lumière", "/oauth2/auth?client_id=1&organization_id=2"},
                              {"Café des Arts", "/oauth2/auth?client_id=1&organization_id=3"}},
                  .action = query,
                  .token = "Y2hvaWNl"};
  stories.push_back({"oauth_choice", choice_page(language, page)});
  page.client = page.email = page.action = page.token = hostile;
  page.choices = {{hostile, hostile}};
  stories.push_back({"oauth_choice_hostile", choice_page(language, page)});
}

void add_problems(std::vector<Story>& stories, const Language& language) {
  for (const auto& [name, problem] :
       {std::pair("bad_request", Problem::bad_request), std::pair("no_client_id", Problem::no_client_id),
        std::pair("unknown_client", Problem::unknown_client), std::pair("no_redirect_uri", Problem::no_redirect_uri),
        std::pair("bad_redirect_uri", Problem::bad_redirect_uri)})
    stories.push_back({std::string("oauth_") + name, problem_page(language, problem)});
  stories.push_back({"oauth_no_organization", no_access_page(language, {.email = "ada@example.com"})});
  stories.push_back(
      {"oauth_not_of_organization", no_access_page(language, {.email = "ada@example.com", .is_named = true})});
  stories.push_back({"oauth_no_access_hostile", no_access_page(language, {.email = hostile, .is_named = true})});
  const Error old{ErrorCode::invalid_input, "form_expired", {}, {}};
  stories.push_back({"oauth_form_expired", error_page(language, old, query)});
}

}  // namespace

void add_oauth_pages(std::vector<Story>& stories, const Language& language) {
  add_consent(stories, language);
  add_choice(stories, language);
  add_problems(stories, language);
}

}  // namespace paylink::golden
