// People sign in and look after their account, over the wire: what the pages let through, and what they do not.

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "bodies.hpp"
#include "browser.hpp"
#include "payer.hpp"
#include "routes.hpp"

namespace paylink::scenario {
namespace {

class Accounts : public testing::Test {
 protected:
  explicit Accounts(Words flags = {}) : sandbox(std::move(flags)) {}

  // A wrong password, typed into a browser of its own.
  Answer try_wrong(const std::string& email) {
    Browser browser(sandbox);
    return browser.sign_in(email, "wrong");
  }
  std::string email() const { return sandbox.ready("/user/email"); }
  std::string password() const { return sandbox.ready("/user/password"); }
  void advance(const std::string& by) {
    ASSERT_EQ(sandbox.post("/sandbox/clock", R"({"advance":")" + by + "\"}").status, 200);
  }

  Sandbox sandbox;
};

class AccountRoutes : public Accounts {
 protected:
  AccountRoutes() : Accounts({"--log-level", "debug"}) {}

  // A target of that route that anybody who is signed in may ask for.
  std::string target_of(const Route& route) const {
    if (route.pattern != "/oauth2/auth") return filled(route.pattern, "x");
    return route.pattern + "?response_type=code&state=12345678&scope=organization.read&client_id=" +
           sandbox.ready("/oauth_client/client_id") +
           "&redirect_uri=" + encoded(sandbox.ready("/oauth_client/redirect_uri")) +
           "&organization_id=" + sandbox.ready("/organization/id");
  }
  std::vector<Route> of_sessions() {
    std::vector<Route> found;
    for (const Route& route : routes_of(sandbox.process()))
      if (route.access == "session") found.push_back(route);
    return found;
  }
};

TEST_F(AccountRoutes, LeadToTheSignInPageAndTakeTheirOwnFormsAlone) {
  Browser owner(sandbox), stranger(sandbox);
  ASSERT_EQ(owner.sign_in().status, 303);
  ASSERT_EQ(stranger.sign_in().status, 303);
  std::set<std::string> patterns;
  for (const Route& route : of_sessions()) {
    SCOPED_TRACE(route.name());
    patterns.insert(route.pattern);
    const std::string target = target_of(route);
    Browser nobody(sandbox), liar(sandbox);
    liar.cookies["paylink_session"] = repeated(64, "A");
    for (Browser* browser : {&nobody, &liar}) {
      const Answer answer = route.method == "GET" ? browser->look(target) : browser->send(target, "token=x");
      EXPECT_EQ(answer.status, 303) << answer.body;
      EXPECT_TRUE(answer.field("Location").starts_with("/sign-in")) << answer.field("Location");
    }
    if (route.method == "GET") {
      EXPECT_EQ(nobody.look(target).field("Location"),
                target == "/account" ? "/sign-in" : "/sign-in?return=" + encoded(target));
      EXPECT_EQ(owner.look(target).status, 200);
      continue;
    }
    const std::string of_stranger = form_token(stranger.look("/account"), route.pattern);
    const std::string of_another_form = form_token(owner.look("/account"), "/sign-out");
    std::vector<std::string> forms = {"", "token=", "token=x", "token=" + of_stranger + "&a=" + repeated(5, "%00")};
    if (!of_stranger.empty()) forms.push_back("token=" + of_stranger);
    if (route.pattern != "/sign-out") forms.push_back("token=" + of_another_form);
    for (const std::string& form : forms) EXPECT_EQ(owner.send(target, form).status, 403) << form;
    const std::string of_owner = form_token(owner.look("/account"), route.pattern);
    for (const std::string site : {"cross-site", "same-site"})
      EXPECT_EQ(owner.send(target, "token=" + of_owner, {{"Sec-Fetch-Site", site}}).status, 403);
    EXPECT_EQ(owner.look("/account").status, 200) << "nothing was done";
    EXPECT_EQ(stranger.look("/account").status, 200);
  }
  for (const char* pattern : {"/account", "/account/password", "/account/confirm", "/account/applications/revoke",
                              "/account/sign-out-everywhere", "/sign-out", "/oauth2/auth"})
    EXPECT_TRUE(patterns.contains(pattern)) << pattern;
}

TEST_F(Accounts, SignInAndOut) {
  Browser browser(sandbox);
  const Answer entered = browser.sign_in(email(), password(), "/account/password");
  EXPECT_EQ(entered.status, 303);
  EXPECT_EQ(entered.field("Location"), "/account/password");
  EXPECT_NE(entered.head.find("; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200\r\n"), std::string::npos);
  EXPECT_EQ(browser.look("/sign-in?return=%2Faccount%2Fconfirm").field("Location"), "/account/confirm");
  const std::string word = browser.cookies["paylink_session"];
  const Answer left = browser.send("/sign-out", "token=" + form_token(browser.look("/account"), "/sign-out"));
  EXPECT_TRUE(left.field("Location").starts_with("/sign-in?done=signed_out&proof=")) << left.field("Location");
  EXPECT_FALSE(browser.cookies.contains("paylink_session"));
  browser.cookies["paylink_session"] = word;
  EXPECT_EQ(browser.look("/account").status, 303) << "the word is good for nothing any more";
}

TEST_F(Accounts, NobodySignsABrowserInWithAFormOfHisOwn) {
  Browser attacker(sandbox), victim(sandbox);
  const std::string form = "token=" + hidden(attacker.look("/sign-in"), "token") + "&email=" + encoded(email()) +
                           "&password=" + encoded(password());
  EXPECT_EQ(victim.send("/sign-in", form).status, 403) << "without the cookie of the page";
  EXPECT_EQ(victim.look("/sign-in").status, 200);
  EXPECT_EQ(victim.send("/sign-in", form).status, 403) << "with one of its own";
  EXPECT_EQ(attacker.send("/sign-in", form, {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(attacker.send("/sign-in", form).status, 303);
}

TEST_F(Accounts, OnlyPathsOfOurOwnAreReturnedTo) {
  for (const std::string away : {"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                 "/\t/evil.example", "/a\r\nSet-Cookie: a=b"}) {
    SCOPED_TRACE(away);
    Browser browser(sandbox);
    EXPECT_EQ(browser.sign_in(email(), password(), away).field("Location"), "/account");
    EXPECT_EQ(browser.look("/sign-in?return=" + encoded(away)).field("Location"), "/account");
    const std::string token = form_token(browser.look("/account/confirm"), "/account/confirm");
    EXPECT_EQ(browser
                  .send("/account/confirm",
                        "token=" + token + "&return=" + encoded(away) + "&password=" + encoded(password()))
                  .field("Location"),
              "/account");
  }
}

TEST_F(Accounts, SessionsOutliveARestartAndEndInTime) {
  Browser idle(sandbox), used(sandbox);
  ASSERT_EQ(idle.sign_in().status, 303);
  ASSERT_EQ(used.sign_in().status, 303);
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start();
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(used.look("/account").status, 200) << i;
    advance("59m");
  }
  EXPECT_EQ(idle.look("/account").status, 303);
  EXPECT_EQ(used.look("/account").status, 200);
  advance("13m");
  EXPECT_EQ(used.look("/account").status, 303) << "after twelve hours";
}

TEST_F(Accounts, WrongPasswordsAtTheSameTimeAreNoMoreThanTen) {
  std::mutex mutex;
  std::map<int, int> statuses;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 10; ++k) {
        const int status = try_wrong("victim@example.com").status;
        const std::lock_guard lock(mutex);
        ++statuses[status];
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(statuses, (std::map<int, int>{{422, 10}, {429, 70}}));
  Browser owner(sandbox);
  EXPECT_EQ(owner.sign_in().status, 303) << "nobody else is locked out";
  const Answer refused = try_wrong("victim@example.com");
  const int seconds = std::stoi(refused.field("Retry-After"));
  EXPECT_GT(seconds, 14 * 60);
  EXPECT_LE(seconds, 15 * 60 + 1);
  advance(std::to_string(seconds) + "s");
  EXPECT_EQ(try_wrong("victim@example.com").status, 422) << "as it was told";
}

TEST_F(Accounts, AnUnknownAddressLooksLikeAWrongPassword) {
  const auto without_what_was_typed = [&](const std::string& typed) {
    const Answer answer = try_wrong(typed);
    std::string text = std::to_string(answer.status) + answer.body;
    for (const std::string& part : {hidden(answer, "token"), typed}) text.replace(text.find(part), part.size(), "…");
    return text;
  };
  EXPECT_EQ(without_what_was_typed("nobody@example.com"), without_what_was_typed(email()));
}

TEST_F(Accounts, WrongPasswordsCountWhereverTheyAreTyped) {
  Browser browser(sandbox);
  ASSERT_EQ(browser.sign_in().status, 303);
  const auto send = [&](const std::string& path, const std::string& form) {
    return browser.send(path, "token=" + form_token(browser.look(path), path) + form);
  };
  const std::string chosen = "&current=wrong&new=another+password&again=another+password";
  EXPECT_EQ(send("/account/password", "").status, 422);
  EXPECT_EQ(send("/account/confirm", "").status, 422);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(send("/account/password", chosen).status, 422);
    EXPECT_EQ(send("/account/confirm", "&password=wrong").status, 422);
  }
  EXPECT_EQ(send("/account/password", chosen).status, 429);
  EXPECT_EQ(send("/account/confirm", "&password=" + encoded(password())).status, 429);
  EXPECT_EQ(Browser(sandbox).sign_in().status, 429);
  EXPECT_EQ(browser.look("/account").status, 200) << "whoever is signed in stays so";
}

TEST_F(Accounts, APasswordTypedAgainGivesTheSessionAnotherWord) {
  Browser browser(sandbox), thief(sandbox);
  ASSERT_EQ(browser.sign_in().status, 303);
  const auto send = [&](const std::string& path, const std::string& form) {
    thief.cookies = browser.cookies;
    return browser.send(path, "token=" + form_token(browser.look(path), path) + form);
  };
  const std::string right = encoded(password()), chosen = "another+password";
  const auto expect_renewed = [&](const Answer& answer) {
    EXPECT_EQ(answer.status, 303);
    EXPECT_NE(answer.head.find("; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200\r\n"), std::string::npos);
    EXPECT_EQ(browser.look("/account").status, 200);
    EXPECT_EQ(thief.look("/account").status, 303) << "the word from before is good for nothing any more";
  };
  expect_renewed(send("/account/confirm", "&password=" + right));
  expect_renewed(send("/account/password", "&current=" + right + "&new=" + chosen + "&again=" + chosen));
}

TEST_F(Accounts, NobodyElseMakesAPageSayWhatWasDone) {
  Browser browser(sandbox), other(sandbox);
  ASSERT_EQ(browser.sign_in().status, 303);
  ASSERT_EQ(other.sign_in().status, 303);
  const auto is_told = [](Browser& by, const std::string& target) {
    const Answer answer = by.look(target);
    EXPECT_EQ(answer.status, 200) << target;
    return answer.body.find("role=\"status\"") != std::string::npos;
  };
  EXPECT_FALSE(is_told(browser, "/account?done=password_changed"));
  const std::string right = encoded(password()), chosen = "another+password";
  const std::string token = form_token(browser.look("/account/password"), "/account/password");
  const std::string form = "token=" + token + "&current=" + right + "&new=" + chosen + "&again=" + chosen;
  const std::string told = browser.send("/account/password", form).field("Location");
  const std::string proof = told.substr(std::min(told.find("&proof="), told.size()));
  EXPECT_TRUE(is_told(browser, told));
  EXPECT_FALSE(is_told(browser, "/account?done=application_revoked" + proof)) << "it was something else";
  EXPECT_FALSE(is_told(browser, told + "A"));
  ASSERT_EQ(other.sign_in(email(), "another password").status, 303);
  EXPECT_FALSE(is_told(other, told)) << "it was somewhere else";
  advance("59s");
  EXPECT_TRUE(is_told(browser, told));
  advance("1s");
  EXPECT_FALSE(is_told(browser, told)) << "it was a while ago";

  Browser stranger(sandbox);
  EXPECT_FALSE(is_told(stranger, "/sign-in?done=signed_out"));
  browser.cookies.erase("paylink_browser");  // as when it was closed meanwhile
  const std::string out =
      browser.send("/sign-out", "token=" + form_token(browser.look("/account"), "/sign-out")).field("Location");
  EXPECT_TRUE(is_told(browser, out));
  EXPECT_FALSE(is_told(stranger, out)) << "it was somewhere else";
  advance("1m");
  EXPECT_FALSE(is_told(browser, out));
}

TEST_F(Accounts, TellNoSecretToTheLog) {
  Browser browser(sandbox);
  ASSERT_EQ(browser.sign_in().status, 303);
  browser.sign_in(email(), "a wrong password");
  const std::string token = form_token(browser.look("/account/password"), "/account/password");
  const std::string chosen = "quite another secret";
  const Answer changed = browser.send("/account/password", "token=" + token + "&current=" + encoded(password()) +
                                                               "&new=" + encoded(chosen) + "&again=" + encoded(chosen));
  EXPECT_TRUE(changed.field("Location").starts_with("/account?done=password_changed&proof="));
  EXPECT_EQ(browser.look(changed.field("Location")).status, 200);
  EXPECT_EQ(sandbox.stop(), 0);
  const std::string log = sandbox.process().err();
  EXPECT_NE(log.find("\"/account/password\""), std::string::npos);
  for (const std::string& secret : {password(), chosen, browser.cookies["paylink_session"], token, email(),
                                    std::string("a wrong password"), browser.cookies["paylink_browser"]})
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
}

}  // namespace
}  // namespace paylink::scenario
