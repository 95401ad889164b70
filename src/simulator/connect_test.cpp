#include <gtest/gtest.h>

#include "simulator/handler.hpp"
#include "simulator/testing.hpp"

namespace paylink::simulator {
namespace {

using http::Method;
using std::chrono::seconds;
using testing::at;

constexpr std::string_view form = "application/x-www-form-urlencoded";
constexpr std::string_view json = "application/json";
constexpr std::string_view basic = "Basic YXBwX2FhYWFhYWFhYWE6c2VjcmV0";     // app_aaaaaaaaaa:secret
constexpr std::string_view stranger = "Basic YXBwX2FhYWFhYWFhYWE6b3RoZXI=";  // with another secret
constexpr std::string_view redirect = "http%3A%2F%2F127.0.0.1%3A1%2Freturn";
constexpr std::string_view all_we_need =
    "payments.read+payments.write+refunds.read+refunds.write+profiles.read+organizations.read+onboarding.read";

class SimulatorConnect : public testing::HandlerFixture {
 protected:
  http::Response send(Method method, const std::string& target, const std::string& body, std::string_view authorization,
                      std::string_view content_type) {
    return HandlerFixture::send(method, target, body, {.authorization = authorization, .content_type = content_type});
  }
  http::Response get(const std::string& target, std::string_view authorization = "") {
    return send(Method::get, target, "", authorization, json);
  }

  static std::string query(std::string_view scope = all_we_need) {
    return "client_id=app_aaaaaaaaaa&redirect_uri=" + std::string(redirect) +
           "&state=s%201&scope=" + std::string(scope);
  }
  http::Response decide(const std::string& more, std::string_view scope = all_we_need) {
    return send(Method::post, "/oauth2/authorize", query(scope) + more, "", form);
  }
  static std::string location(const http::Response& response) {
    const std::size_t begin = response.fields.find("Location: ");
    if (begin == std::string::npos) return {};
    return response.fields.substr(begin + 10, response.fields.find('\r', begin) - begin - 10);
  }
  std::string code(std::string_view scope = all_we_need, const std::string& profiles = "2") {
    const auto allowed = decide("&organization=Acme&onboarding=in-review&decision=allow&profiles=" + profiles, scope);
    const std::string there = location(allowed), prefix = "http://127.0.0.1:1/return?code=";
    EXPECT_TRUE(there.starts_with(prefix)) << allowed.status << " " << there << allowed.body;
    EXPECT_TRUE(there.ends_with("&state=s%201")) << there;
    return there.substr(prefix.size(), there.find('&') - prefix.size());
  }
  http::Response tokens(const std::string& body, std::string_view client = basic) {
    return send(Method::post, "/oauth2/tokens", body, client, form);
  }
  std::string exchange(const std::string& code) {
    return tokens("grant_type=authorization_code&redirect_uri=" + std::string(redirect) + "&code=" + code).body;
  }
  static std::string bearer(const std::string& answer) { return "Bearer " + at(answer, "access_token"); }
  static std::string payment(const std::string& more) {
    return R"({"amount":{"currency":"EUR","value":"13.30"},"description":"Order",)"
           R"("redirectUrl":"http://127.0.0.1:1/a","method":"creditcard")" +
           more + "}";
  }
  std::string profile(const std::string& who, int position = 0) {
    return at(get("/v2/profiles", who).body, "_embedded.profiles." + std::to_string(position) + ".id");
  }
};

TEST_F(SimulatorConnect, SaysWhatIsWrongWithARequest) {
  EXPECT_EQ(get("/oauth2/authorize?" + query() + "&response_type=code").status, 200);
  struct Case {
    const char* name;
    std::string query;
    std::string led_back;  // empty: a page says so
  };
  const std::string there = "http://127.0.0.1:1/return?error=";
  const Case cases[] = {
      {"no client", "response_type=code&state=1&scope=payments.read&redirect_uri=" + std::string(redirect), ""},
      {"a scope of no form", query() + "%2F&response_type=code", there + "invalid_scope&state=s%201"},
      {"a redirect URI that is not registered",
       "client_id=app_aaaaaaaaaa&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fr&state=1&response_type=code&scope=x", ""},
      {"a client of no form", "client_id=aaaaaaaaaaaaaa&response_type=code&redirect_uri=" + std::string(redirect), ""},
      {"no response_type", query(), there + "unsupported_response_type&state=s%201"},
      {"no state",
       "client_id=app_aaaaaaaaaa&response_type=code&scope=payments.read&redirect_uri=" + std::string(redirect),
       there + "invalid_request"},
      {"an unknown scope", query("payments.read+payments.steal") + "&response_type=code",
       there + "invalid_scope&state=s%201"},
      {"another prompt", query() + "&response_type=code&approval_prompt=never", there + "invalid_request&state=s%201"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto response = get("/oauth2/authorize?" + c.query);
    EXPECT_EQ(response.status, c.led_back.empty() ? 400 : 303) << response.body;
    EXPECT_EQ(location(response), c.led_back);
  }
}

TEST_F(SimulatorConnect, LeadsBackWithACodeOrARefusal) {
  const auto refused = decide("&decision=refuse");
  EXPECT_EQ(location(refused),
            "http://127.0.0.1:1/return?error=access_denied&error_description=The%20resource%20owner%20denied%20the%20"
            "request&state=s%201");
  EXPECT_EQ(decide("&decision=allow&organization=%20&profiles=1&onboarding=completed").status, 400);
  EXPECT_EQ(decide("&decision=allow&organization=A&profiles=9&onboarding=completed").status, 400);
  EXPECT_EQ(decide("&decision=allow&organization=A&profiles=1&onboarding=done").status, 400);
  EXPECT_TRUE(code().starts_with("auth_"));
}

TEST_F(SimulatorConnect, ExchangesACodeOnce) {
  const std::string first = code();
  const auto body = "grant_type=authorization_code&redirect_uri=" + std::string(redirect) + "&code=" + first;
  EXPECT_EQ(tokens(body, "").status, 401);
  const auto answer = tokens(body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(at(answer.body, "token_type"), "bearer");
  EXPECT_EQ(at(answer.body, "expires_in"), "3600");
  EXPECT_TRUE(at(answer.body, "access_token").starts_with("access_"));
  EXPECT_TRUE(at(answer.body, "refresh_token").starts_with("refresh_"));
  EXPECT_TRUE(at(answer.body, "scope").starts_with("payments.read payments.write"));
  const auto again = tokens(body);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(at(again.body, "error"), "invalid_grant");
  const auto other_secret = tokens(body, stranger);
  EXPECT_EQ(other_secret.status, 401);
  EXPECT_EQ(at(other_secret.body, "error"), "invalid_client");
  EXPECT_EQ(at(tokens("grant_type=password").body, "error"), "unsupported_grant_type");
  EXPECT_EQ(
      at(tokens("grant_type=authorization_code&redirect_uri=http%3A%2F%2F127.0.0.1&code=" + code()).body, "error"),
      "invalid_grant");

  const std::string late = code();
  clock.advance(std::chrono::minutes(11));
  EXPECT_EQ(at(exchange(late), "error"), "invalid_grant");
}

TEST_F(SimulatorConnect, RefreshesAndRevokes) {
  const std::string first = exchange(code());
  EXPECT_EQ(get("/v2/organizations/me", bearer(first)).status, 200);
  clock.advance(seconds(3600));
  EXPECT_EQ(get("/v2/organizations/me", bearer(first)).status, 401);
  restart();
  const std::string refresh = at(first, "refresh_token");
  const auto second = send(Method::post, "/oauth2/tokens",
                           R"({"grant_type":"refresh_token","refresh_token":")" + refresh + R"("})", basic, json);
  EXPECT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(at(second.body, "refresh_token"), refresh);
  EXPECT_EQ(get("/v2/organizations/me", bearer(second.body)).status, 200);

  const auto revoke = [&](const std::string& body) { return send(Method::del, "/oauth2/tokens", body, basic, form); };
  EXPECT_EQ(revoke("token=" + refresh).status, 400);
  EXPECT_EQ(revoke("token_type_hint=access_token&token=" + at(second.body, "access_token")).status, 204);
  EXPECT_EQ(get("/v2/organizations/me", bearer(second.body)).status, 401);
  const auto third = tokens("grant_type=refresh_token&refresh_token=" + refresh);
  EXPECT_EQ(get("/v2/organizations/me", bearer(third.body)).status, 200);
  EXPECT_EQ(revoke("token_type_hint=refresh_token&token=" + refresh).status, 204);
  EXPECT_EQ(get("/v2/organizations/me", bearer(third.body)).status, 401);
  EXPECT_EQ(at(tokens("grant_type=refresh_token&refresh_token=" + refresh).body, "error"), "invalid_grant");
}

// Those of a key too, and in both modes.
TEST_F(SimulatorConnect, NamesTheProfileToThePayer) {
  const std::string who = bearer(exchange(code()));
  const auto payee = [&](const std::string& created) {
    const std::string href = at(created, "_links.checkout.href");
    const std::string page = get(href.substr(href.find("/checkout/"))).body;
    const std::size_t begin = page.find("<dd>", page.find("<dt>Payee</dt>")) + 4;
    return page.substr(begin, page.find("</dd>", begin) - begin);
  };
  for (const std::string_view mode : {"true", "false"}) {
    const std::string more = R"(,"profileId":")" + profile(who, 1) + R"(","testmode":)" + std::string(mode);
    EXPECT_EQ(payee(send(Method::post, "/v2/payments", payment(more), who, json).body), "Acme 2");
  }
  const auto by_key = send(Method::post, "/v2/payments", payment(""), "Bearer test_nobodyskeyatall", json);
  EXPECT_TRUE(payee(by_key.body).starts_with("Test shop ")) << by_key.body;
}

TEST_F(SimulatorConnect, PaysForTheProfileAndModeThatATokenNames) {
  const std::string who = bearer(exchange(code()));
  const std::string one = profile(who), two = profile(who, 1);
  const auto create = [&](const std::string& more) {
    return send(Method::post, "/v2/payments", payment(more), who, json);
  };
  const std::string named = R"(,"profileId":")" + one + R"(")";
  EXPECT_EQ(at(create("").body, "field"), "profileId");
  EXPECT_EQ(at(create(R"(,"profileId":"pfl_none","testmode":true)").body, "field"), "profileId");
  EXPECT_EQ(at(create(named + R"(,"testmode":"true")").body, "field"), "testmode");
  const auto test = create(named + R"(,"testmode":true)"), live = create(named);
  EXPECT_EQ(test.status, 201) << test.body;
  EXPECT_EQ(at(test.body, "mode"), "test");
  EXPECT_EQ(at(test.body, "profileId"), one);
  EXPECT_EQ(at(live.body, "mode"), "live");
  const std::string id = at(test.body, "id");
  EXPECT_EQ(get("/v2/payments/" + id + "?testmode=true", who).status, 200);
  EXPECT_EQ(get("/v2/payments/" + id, who).status, 404) << "of the other mode";
  EXPECT_EQ(get("/v2/payments?testmode=true", who).status, 400);
  const auto count = [&](const std::string& of, const std::string& more) {
    return at(get("/v2/payments?profileId=" + of + more, who).body, "count");
  };
  EXPECT_EQ(count(one, "&testmode=true"), "1");
  EXPECT_EQ(count(one, ""), "1");
  EXPECT_EQ(count(two, "&testmode=true"), "0");
  EXPECT_EQ(send(Method::del, "/v2/payments/" + id, "{}", who, json).status, 404);
  EXPECT_EQ(send(Method::del, "/v2/payments/" + id, R"({"testmode":true})", who, json).status, 200);
}

TEST_F(SimulatorConnect, KeepsOrganizationsApart) {
  const std::string who = bearer(exchange(code()));
  const auto allowed = decide("&organization=Other&onboarding=completed&decision=allow&profiles=1");
  const std::string there = location(allowed);
  const std::size_t begin = there.find("auth_");
  const std::string other = bearer(exchange(there.substr(begin, there.find('&') - begin)));
  const std::string more = R"(,"testmode":true,"profileId":")";
  const auto made = send(Method::post, "/v2/payments", payment(more + profile(who) + R"(")"), who, json);
  const std::string target = "/v2/payments/" + at(made.body, "id") + "?testmode=true";
  EXPECT_EQ(get(target, who).status, 200);
  EXPECT_EQ(get(target, other).status, 404);
  EXPECT_EQ(get(target, "Bearer test_aaaaaaaaaaaaaaaaaaaa").status, 400) << "a key says no mode";
  EXPECT_EQ(send(Method::post, "/v2/payments", payment(more + profile(who) + R"(")"), other, json).status, 422);
  EXPECT_EQ(get("/v2/profiles/" + profile(who), other).status, 404);
}

TEST_F(SimulatorConnect, SharesAProfilesPaymentsWithItsKey) {
  const std::string who = bearer(exchange(code(all_we_need, "1")));
  const std::string page = get(at(get("/v2/organizations/me", who).body, "_links.dashboard.href").substr(21)).body;
  const std::size_t begin = page.find("test_");
  ASSERT_NE(begin, std::string::npos) << page;
  const std::string key = "Bearer " + page.substr(begin, page.find('<', begin) - begin);
  EXPECT_EQ(at(get("/v2/profiles/me", key).body, "id"), profile(who));
  EXPECT_EQ(at(get("/v2/profiles/me", key).body, "name"), "Acme");
  const auto made = send(Method::post, "/v2/payments", payment(""), key, json);
  EXPECT_EQ(get("/v2/payments/" + at(made.body, "id") + "?testmode=true", who).status, 200);
  // An API key is of one profile and mode.
  EXPECT_EQ(get("/v2/payments?testmode=true", key).status, 400);
  EXPECT_EQ(get("/v2/payments?profileId=" + profile(who), key).status, 400);
  EXPECT_EQ(send(Method::post, "/v2/payments", payment(R"(,"testmode":true)"), key, json).status, 422);
  EXPECT_EQ(send(Method::del, "/v2/payments/" + at(made.body, "id"), R"({"testmode":true})", key, json).status, 422);
}

TEST_F(SimulatorConnect, AnswersWhatWasAllowedAlone) {
  const std::string little = bearer(exchange(code("profiles.read")));
  const std::string organization_key = "Bearer test_aaaaaaaaaaaaaaaaaaaa";
  struct Case {
    const char* name;
    std::string target;
    std::string authorization;
    int status;
  };
  const Case cases[] = {
      {"allowed", "/v2/profiles", little, 200},
      {"one profile", "/v2/profiles/" + profile(little), little, 200},
      {"a profile of nobody", "/v2/profiles/pfl_none", little, 404},
      {"no scope needed", "/v2/permissions", little, 200},
      {"another scope", "/v2/organizations/me", little, 403},
      {"payments", "/v2/payments?profileId=" + profile(little), little, 403},
      {"for keys alone", "/v2/profiles/me", little, 403},
      {"for tokens alone", "/v2/organizations/me", organization_key, 403},
      {"for tokens alone", "/v2/onboarding/me", organization_key, 403},
      {"no such token", "/v2/profiles", "Bearer access_aaaaaaaaaaaaaaaaaaaa", 401},
      {"nobody", "/v2/profiles", "", 401},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.name) + " " + c.target);
    EXPECT_EQ(get(c.target, c.authorization).status, c.status);
  }
  EXPECT_NE(
      get("/v2/permissions", little).body.find(R"("id":"profiles.read","description":"profiles.read","granted":true)"),
      std::string::npos);
}

TEST_F(SimulatorConnect, TellsHowFarTheOnboardingIs) {
  const std::string who = bearer(exchange(code()));
  std::string told = get("/v2/onboarding/me", who).body;
  EXPECT_EQ(at(told, "status"), "in-review");
  EXPECT_EQ(at(told, "canReceivePayments"), "false");
  EXPECT_EQ(at(told, "name"), "Acme");
  const std::string page = at(told, "_links.dashboard.href").substr(21);
  EXPECT_EQ(send(Method::post, page, "onboarding=done", "", form).status, 400);
  EXPECT_EQ(send(Method::post, page, "onboarding=completed", "", form).status, 303);
  told = get("/v2/onboarding/me", who).body;
  EXPECT_EQ(at(told, "status"), "completed");
  EXPECT_EQ(at(told, "canReceivePayments"), "true");
}

TEST_F(SimulatorConnect, InvitesAnOrganization) {
  const std::string who = bearer(exchange(code("clients.write")));
  const auto invite = [&](const std::string& body) { return send(Method::post, "/v2/client-links", body, who, json); };
  EXPECT_EQ(at(invite(R"({"owner":{},"address":{}})").body, "field"), "name");
  EXPECT_EQ(at(invite(R"({"name":"New shop","address":{}})").body, "field"), "owner");
  const auto made = invite(R"({"owner":{"email":"a@b.nl"},"address":{"country":"NL"},"name":"New shop"})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string link = at(made.body, "_links.clientLink.href").substr(21);
  const auto page = get(link + "?client_id=app_aaaaaaaaaa&state=1&scope=payments.read&approval_prompt=auto");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("New shop"), std::string::npos);
  clock.advance(std::chrono::hours(24 * 30));
  EXPECT_EQ(get(link + "?client_id=app_aaaaaaaaaa&state=1&scope=payments.read").status, 400);
}

}  // namespace
}  // namespace paylink::simulator
