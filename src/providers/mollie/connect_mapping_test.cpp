#include "providers/mollie/connect_mapping.hpp"

#include <gtest/gtest.h>

namespace paylink::providers::mollie {
namespace {

const app::ProviderAccess key{Secret("test_key")};

app::ProviderAccess token(bool is_test) {
  return {Secret("access_x"), app::GrantedAccess{{}, {}, 1, "pfl_QkEhN94Ba", is_test}};
}

TEST(MollieConnectMapping, SaysProfileAndModeWithATokenAlone) {
  EXPECT_EQ(body_by(key, R"({"a":1})", Says::profile_and_mode), R"({"a":1})");
  EXPECT_EQ(body_by(key, "", Says::mode), "");
  EXPECT_EQ(target_by(key, "/v2/methods?a=b", Says::profile_and_mode), "/v2/methods?a=b");
  EXPECT_EQ(body_by(token(true), R"({"a":1})", Says::profile_and_mode),
            R"({"a":1,"profileId":"pfl_QkEhN94Ba","testmode":true})");
  EXPECT_EQ(body_by(token(false), R"({"a":1})", Says::mode), R"({"a":1,"testmode":false})");
  EXPECT_EQ(body_by(token(true), "", Says::mode), R"({"testmode":true})");
  EXPECT_EQ(target_by(token(true), "/v2/methods", Says::profile_and_mode),
            "/v2/methods?profileId=pfl_QkEhN94Ba&testmode=true");
  EXPECT_EQ(target_by(token(false), "/v2/payments/tr_1?embed=chargebacks", Says::mode),
            "/v2/payments/tr_1?embed=chargebacks&testmode=false");
}

TEST(MollieConnectMapping, ReadsTokens) {
  const auto first = read_tokens(
      R"({"access_token":"access_a","refresh_token":"refresh_a","expires_in":3600,"token_type":"bearer"})", {});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->access.reveal() + " " + first->refresh.reveal(), "access_a refresh_a");
  EXPECT_EQ(first->life, std::chrono::seconds(3600));
  const Secret known("refresh_a");
  EXPECT_EQ(read_tokens(R"({"access_token":"access_b","expires_in":3600})", known)->refresh.reveal(), "refresh_a");
  EXPECT_EQ(read_tokens(R"({"access_token":"b","refresh_token":"refresh_b","expires_in":60})", known)->refresh.reveal(),
            "refresh_b");
  for (const std::string bad :
       {R"({"access_token":"access_secret","expires_in":3600})", R"({"refresh_token":"r","expires_in":3600})",
        R"({"access_token":"access_secret","refresh_token":"r"})", "[]", "access_secret",
        R"({"access_token":"access_secret","refresh_token":"r","expires_in":"3600"})",
        R"({"access_token":"access_secret","refresh_token":"r","expires_in":59})",
        R"({"access_token":"access_secret","refresh_token":"r","expires_in":1e12})",
        R"({"access_token":"access_secret\r\nX: y","refresh_token":"r","expires_in":3600})",
        R"({"access_token":"","refresh_token":"r","expires_in":3600})",
        R"({"access_token":"access_secret","refresh_token":"a b","expires_in":3600})"}) {
    SCOPED_TRACE(bad);
    const auto refused = read_tokens(bad, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "provider_answer");
    EXPECT_EQ(refused.error().detail.find("access_secret"), std::string::npos) << "a token is in no log";
  }
}

TEST(MollieConnectMapping, ReadsWhoseATokenIs) {
  EXPECT_EQ(*read_organization_name(R"({"resource":"organization","name":"Acme"})"), "Acme");
  EXPECT_FALSE(read_organization_name(R"({"resource":"organization"})"));
  EXPECT_FALSE(read_organization_name(R"({"resource":"profile","name":"Acme"})"));
  EXPECT_TRUE(*read_is_complete(R"({"resource":"onboarding","status":"completed"})"));
  EXPECT_FALSE(*read_is_complete(R"({"resource":"onboarding","status":"in-review"})"));
  EXPECT_FALSE(*read_is_complete(R"({"resource":"onboarding","status":"needs-data"})"));
  EXPECT_FALSE(read_is_complete(R"({"resource":"onboarding","status":"maybe"})"));
  EXPECT_FALSE(read_is_complete(R"({"resource":"onboarding"})"));
  const auto profiles = read_profiles(R"({"_embedded":{"profiles":[{"id":"pfl_A","name":"A","status":"verified"},)"
                                      R"({"id":"pfl_B","name":"B","status":"blocked"}]}})");
  ASSERT_TRUE(profiles);
  ASSERT_EQ(profiles->size(), 2U);
  EXPECT_FALSE((*profiles)[0].is_blocked);
  EXPECT_TRUE((*profiles)[1].is_blocked);
  for (const char* bad : {R"({"_embedded":{"profiles":[]}})", R"({"_embedded":{}})", "{}",
                          R"({"_embedded":{"profiles":[{"id":"tr_A","name":"A","status":"verified"}]}})",
                          R"({"_embedded":{"profiles":[{"id":"pfl_A&x=","name":"A","status":"verified"}]}})",
                          R"({"_embedded":{"profiles":[{"id":"pfl_A","status":"verified"}]}})",
                          R"({"_embedded":{"profiles":["pfl_A"]}})"})
    EXPECT_FALSE(read_profiles(bad)) << bad;
}

TEST(MollieConnectMapping, TellsTokenFailuresApart) {
  struct Case {
    int status;
    const char* body;
    const char* reason;
  };
  const Case cases[] = {
      {400, R"({"error":"invalid_grant"})", "grant_refused"},
      {400, R"({"error":"invalid_request"})", "application_refused"},
      {401, R"({"error":"invalid_client"})", "application_refused"},
      {401, R"({"error":"invalid_grant"})", "application_refused"},
      {403, "<html>", "application_refused"},
      {429, R"({"error":"invalid_grant"})", "provider_unavailable"},
      {500, R"({"error":"invalid_grant"})", "provider_unavailable"},
      {503, "", "provider_unavailable"},
      {302, "", "application_refused"},
  };
  for (const Case& c : cases) EXPECT_EQ(read_token_failure(c.status, c.body).error().reason, c.reason) << c.status;
}

}  // namespace
}  // namespace paylink::providers::mollie
