#include <gtest/gtest.h>

#include "app/testing.hpp"
#include "session/cookies.hpp"
#include "session/forms.hpp"
#include "session/fresh.hpp"
#include "session/networks.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::session {
namespace {

using namespace std::chrono_literals;
using pages::Transport;

const crypto::KeyRing& keys() {
  static const auto ring = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  return ring;
}

http::Request with_cookie(std::string_view value) {
  http::Request request;
  request.fields.push_back({"Cookie", value});
  return request;
}

TEST(Cookies, BelongToOneHostAndAreForServersOnly) {
  SystemRandom random;
  const std::string word(64, 'A');
  const app::NewSession session{Secret(word), {}};
  struct Case {
    Transport transport;
    std::string prefix, ending;
  };
  const Case cases[] = {{Transport::tls, "__Host-", "; Secure"}, {Transport::plain, "", ""}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.prefix);
    const Cookies cookies(c.transport, keys());
    http::Response begun, ended, known;
    cookies.begin(begun, session);
    EXPECT_EQ(begun.fields, "Set-Cookie: " + c.prefix + "paylink_session=" + word + "; Path=/; HttpOnly; SameSite=Lax" +
                                c.ending + "; Max-Age=43200\r\n");
    cookies.end(ended);
    EXPECT_EQ(ended.fields, "Set-Cookie: " + c.prefix + "paylink_session=; Path=/; HttpOnly; SameSite=Lax" + c.ending +
                                "; Max-Age=0\r\n");
    const auto browser = cookies.new_browser(random);
    cookies.know(known, browser);
    EXPECT_EQ(known.fields, "Set-Cookie: " + c.prefix + "paylink_browser=" + browser.word +
                                "; Path=/; HttpOnly; SameSite=Lax" + c.ending + "\r\n");

    const std::string both = c.prefix + "paylink_session=" + word + "; " + c.prefix + "paylink_browser=" + browser.word;
    const auto presented = cookies.presented(with_cookie(both));
    ASSERT_TRUE(presented);
    EXPECT_EQ(presented->hash, keys().hash_token(word));
    ASSERT_TRUE(cookies.browser(with_cookie(both)));
    EXPECT_EQ(cookies.browser(with_cookie(both))->hash, browser.hash);
  }
}

TEST(Cookies, OfAnotherKindAreNotOurs) {
  const std::string word(64, 'A'), browser(43, 'A');
  const Cookies tls(Transport::tls, keys());
  for (const std::string& field :
       {std::string(), "paylink_session=" + word, "__Host-paylink_session=" + word.substr(1),
        "__Host-paylink_session=" + word + "; __Host-paylink_session=" + word, "__host-paylink_session=" + word}) {
    SCOPED_TRACE(field);
    EXPECT_FALSE(tls.presented(with_cookie(field)));
  }
  for (const std::string& field : {"__Host-paylink_browser=" + browser + "A", "__Host-paylink_browser=" + word,
                                   "paylink_browser=" + browser, std::string("__Host-paylink_browser=")}) {
    SCOPED_TRACE(field);
    EXPECT_FALSE(tls.browser(with_cookie(field)));
  }
}

TEST(FormToken, IsGoodForOneFormOfOneSession) {
  const Time now = from_microseconds(1'710'925'200'000'000);
  const std::string binding(32, 'b'), other_binding(32, 'c');
  const FormPlace place{"/account/password", binding};
  const std::string token = make_form_token(keys(), place, now);
  EXPECT_TRUE(check_form_token(keys(), place, token, now));
  EXPECT_TRUE(check_form_token(keys(), place, token, now + 2h - 1s));
  EXPECT_TRUE(check_form_token(keys(), place, token, now + 59s, 1min));
  EXPECT_FALSE(check_form_token(keys(), place, token, now + 1min, 1min));
  std::string changed = token;
  changed[3] = changed[3] == 'A' ? 'B' : 'A';
  const auto other_keys = crypto::KeyRing::of_master(Secret(std::string(32, 'x')));
  struct Case {
    const char* name;
    FormPlace place;
    std::string token;
    std::chrono::seconds age;
  };
  const Case cases[] = {
      {"too old", place, token, 2h},
      {"another form", {"/account", binding}, token, 0s},
      {"another session", {"/account/password", other_binding}, token, 0s},
      {"no session", {"/account/password", ""}, token, 0s},
      {"another time", place, changed, 0s},
      {"cut", place, token.substr(0, token.size() - 1), 0s},
      {"longer", place, token + "A", 0s},
      {"none", place, "", 0s},
      {"of another installation", place, make_form_token(other_keys, place, now), 0s},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto checked = check_form_token(keys(), c.place, c.token, now + c.age);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().reason, "form_expired");
    EXPECT_EQ(checked.error().code, ErrorCode::forbidden);
  }
}

TEST(Forms, ComeFromOurPages) {
  struct Case {
    std::vector<std::string_view> sites;
    bool is_refused;
  };
  const Case cases[] = {{{}, false},
                        {{"same-origin"}, false},
                        {{"none"}, false},
                        {{"same-site"}, true},
                        {{"cross-site"}, true},
                        {{""}, true},
                        {{"same-origin", "same-origin"}, true}};
  for (const Case& c : cases) {
    http::Request request;
    for (const auto site : c.sites) request.fields.push_back({"Sec-Fetch-Site", site});
    SCOPED_TRACE(c.sites.empty() ? "nothing said" : std::string(c.sites[0]));
    const auto refused = refuse_from_elsewhere(request);
    EXPECT_EQ(refused ? "" : refused.error().reason, c.is_refused ? "not_from_here" : "");
  }
}

TEST(Forms, AreReadFieldByField) {
  http::Request request;
  request.body = "a=1&b=%C3%A9+x&twice=1&twice=2";
  EXPECT_FALSE(read_form(request)) << "no type";
  request.fields.push_back({"content-type", "application/x-www-form-urlencoded; charset=utf-8"});
  const auto form = read_form(request);
  ASSERT_TRUE(form);
  EXPECT_EQ(field_of(*form, "a", 1), "1");
  EXPECT_EQ(field_of(*form, "b", 10), "\xC3\xA9 x");
  EXPECT_EQ(field_of(*form, "b", 3), "") << "too long";
  EXPECT_EQ(field_of(*form, "twice", 10), "");
  EXPECT_EQ(field_of(*form, "c", 10), "");
  request.body = "a=%FF";
  EXPECT_FALSE(read_form(request)) << "not UTF-8";
  request.body = "a=1";
  request.fields[0].value = "text/plain";
  EXPECT_FALSE(read_form(request));
}

TEST(ReturnPath, StaysOnOurPages) {
  struct Case {
    std::string given, path;
  };
  const Case cases[] = {
      {"/account/password", "/account/password"},
      {"/oauth2/auth?client_id=1&redirect_uri=https%3A%2F%2Fa.example%2F",
       "/oauth2/auth?client_id=1&redirect_uri=https%3A%2F%2Fa.example%2F"},
      {"/", "/"},
      {"/a//b", "/a//b"},
      {"", "/account"},
      {"account", "/account"},
      {"//evil.example", "/account"},
      {"/\\evil.example", "/account"},
      {"\\\\evil.example", "/account"},
      {"/a\\b", "/account"},
      {"/\t/evil.example", "/account"},
      {"/\n/evil.example", "/account"},
      {"\t//evil.example", "/account"},
      {" /account/password", "/account"},
      {"https://evil.example/", "/account"},
      {"javascript:alert(1)", "/account"},
      {"/caf\xC3\xA9", "/account"},
      {"/" + std::string(4096, 'a'), "/account"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.given);
    EXPECT_EQ(return_path(c.given), c.path);
  }
}

TEST(ToSignIn, LeadsBack) {
  struct Case {
    std::string target, location;
  };
  const Case cases[] = {
      {"/account/password?a=b&c", "/sign-in?return=%2Faccount%2Fpassword%3Fa%3Db%26c"},
      {"/account", "/sign-in"},
      {"//evil.example", "/sign-in"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.target);
    const http::Response response = to_sign_in(c.target);
    EXPECT_EQ(response.status, 303);
    EXPECT_TRUE(response.fields.starts_with("Location: " + c.location + "\r\n")) << response.fields;
  }
}

TEST(ToConfirm, LeadsBack) {
  EXPECT_TRUE(
      to_confirm("/connect/word").fields.starts_with("Location: /account/confirm?return=%2Fconnect%2Fword\r\n"));
}

TEST(Fresh, IsAPasswordForTenMinutes) {
  app::SignedIn signed_in;
  const Time typed = signed_in.session.authenticated_at;
  EXPECT_TRUE(is_fresh(signed_in, typed));
  EXPECT_TRUE(is_fresh(signed_in, typed + 599s));
  EXPECT_FALSE(is_fresh(signed_in, typed + 10min));
  EXPECT_TRUE(is_fresh(signed_in, typed - 59s)) << "on a node whose clock is behind";
  EXPECT_FALSE(is_fresh(signed_in, typed - 1min)) << "the clock was set back";
}

TEST(Networks, AreWhatOneClientMayOwn) {
  const auto of = [](std::string_view address) {
    http::Request request;
    request.client_address = address;
    return networks_of(request);
  };
  ASSERT_EQ(of("192.0.2.1").size(), 1U);
  EXPECT_EQ(of("192.0.2.1")[0].share, 1);
  EXPECT_EQ(of("192.0.2.1")[0].name, of("::ffff:192.0.2.1")[0].name);
  EXPECT_NE(of("192.0.2.1")[0].name, of("192.0.2.2")[0].name);
  const auto here = of("2001:db8:1:2::1"), same = of("2001:db8:1:2::2"), beside = of("2001:db8:1:3::1"),
             far = of("2001:db8:2:2::1");
  ASSERT_EQ(here.size(), 2U);
  EXPECT_EQ(here[1].share, 4);
  EXPECT_EQ(here[0].name, same[0].name);
  EXPECT_NE(here[0].name, beside[0].name);
  EXPECT_EQ(here[1].name, beside[1].name);
  EXPECT_NE(here[1].name, far[1].name);
  EXPECT_NE(here[0].name, here[1].name);
}

}  // namespace
}  // namespace paylink::session
