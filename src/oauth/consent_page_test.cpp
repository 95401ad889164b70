#include "oauth/consent_page.hpp"

#include <gtest/gtest.h>

namespace paylink::oauth {
namespace {

TEST(ConsentPage, FormsLeadToWhereverTheApplicationIs) {
  const auto site = pages::Site::create(pages::Transport::plain);
  ASSERT_TRUE(site) << site.error().detail;
  struct Case {
    std::string redirect_uri, targets;
  };
  const Case cases[] = {
      {"https://shop.example/callback", "https:"},
      {"https://[2001:db8::1]/callback", "https:"},
      {"http://127.0.0.1:8765/callback", "https: http://127.0.0.1:8765"},
      {"http://localhost:3000/callback", "https: http://localhost:3000"},
      {"http://[::1]:8765/callback", "https: http:"},
      {"http://[::1]/callback", "https: http:"},
      {"com.example.till:/callback", "com.example.till:"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.redirect_uri);
    const ConsentPage page{.client = "Shop",
                           .redirect_uri = c.redirect_uri,
                           .email = "ada@example.com",
                           .organization = "Acme",
                           .scopes = *Scopes::parse("payment_link.read"),
                           .withheld = {},
                           .action = "/oauth2/auth?client_id=1",
                           .token = "token"};
    const std::string fields = consent_page(site->language("en"), page).fields;
    EXPECT_NE(fields.find("; form-action 'self' " + c.targets + "; base-uri"), std::string::npos) << fields;
  }
}

}  // namespace
}  // namespace paylink::oauth
