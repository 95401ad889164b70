// Nobody sees another's data by a token (quality: A10): the routes and organizations of isolation_test.cpp, and tokens
// that members of each have let an application have. Each scope, each role, somebody who belongs to all three; and what
// is no token, or none any more.

#include <algorithm>
#include <set>
#include <thread>

#include "answers.hpp"
#include "application.hpp"
#include "crypto/encoding.hpp"
#include "crypto/token.hpp"
#include "isolation.hpp"

namespace paylink::scenario {
namespace {

const Words roles = {"owner", "admin", "manager", "reporter"};

bool role_may(const std::string& role, const std::string& scope) {
  if (role == "owner" || role == "admin" || scope.ends_with(".read")) return true;
  return role == "manager" && (scope == "payment_link.write" || scope == "payment_link.create");
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string bearer(const std::string& token) { return "Bearer " + token; }

// Gives out once more the random part of a token.
class Again final : public Random {
 public:
  explicit Again(const std::string& token) : bytes_(crypto::from_base32(token.substr(31, 52)).value_or("")) {}
  void fill(std::span<std::byte> bytes) override {
    ASSERT_EQ(bytes.size(), bytes_.size());
    std::ranges::transform(bytes_, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  }

 private:
  const std::string bytes_;
};

// The token as if it were of that organization, with a checksum that is right.
std::string moved_to(const std::string& organization, const std::string& token) {
  Again random(token);
  return crypto::make_token(Uuid::parse(organization).value(), random).reveal();
}

class IsolationByTokens : public Isolation {
 protected:
  IsolationByTokens() {
    const Answer metadata = ask("GET", "/.well-known/oauth-authorization-server", "");
    for (int i = 0; at(metadata.body, place(i)) != "(nothing)"; ++i) scopes.push_back(at(metadata.body, place(i)));
    for (const Route& route : routes_of(sandbox.process()))
      if (asks_who_calls(route)) routes.push_back(route);
  }

  static std::string place(int i) { return "/scopes_supported/" + std::to_string(i); }

  Application new_application(const std::string& name) const { return Application(sandbox, name, scopes); }

  struct Member {
    std::string email;
    std::string password;
  };

  // With every right, and a password unless somebody has that address already.
  Member add_member(const Tenant& tenant, const std::string& email) const {
    const Ended made =
        operate(sandbox, {"users", "create", "--organization", tenant.slug, "--email", email, "--role", "owner"});
    EXPECT_EQ(made.status, 0) << made.err;
    return {email, at(made.out, "/password")};
  }
  Member new_member(const Tenant& tenant, const std::string& name) const {
    return add_member(tenant, name + "@" + tenant.slug + ".example");
  }

  Browser signed_in(const Member& member) const {
    Browser browser(sandbox);
    EXPECT_EQ(browser.sign_in(member.email, member.password).status, 303) << member.email;
    return browser;
  }

  void operate_on(const Tenant& tenant, const std::string& command, const Member& member,
                  const Words& more = {}) const {
    Words words = {"users", command, member.email, "--organization", tenant.slug};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = operate(sandbox, words);
    EXPECT_EQ(ended.status, 0) << ended.err;
  }

  void expect_own_everywhere(const Tenant& who, const Credential& credential) {
    for (const Route& route : routes)
      if (route.access != "caller") asked += expect_own(route, who, credential);
  }

  int status_with(const std::string& authorization) const { return ask("GET", links, authorization).status; }

  const std::string links = "/v2/payment_links?per_page=1";
  std::vector<std::string> scopes;  // all that there are
  std::vector<Route> routes;        // that ask who calls
  int asked = 0;
};

TEST_F(IsolationByTokens, OfEachScopeSeeTheirOwn) {
  ASSERT_TRUE(std::ranges::includes(scopes, std::set<std::string>(asked_scopes.begin(), asked_scopes.end())));
  const Application application = new_application("Shop");
  for (const Tenant& who : tenants) {
    Browser owner = signed_in(new_member(who, "ada"));
    const Tokens all = application.connect(owner, who.organization, joined(scopes));
    expect_own_everywhere(who, {"every scope", bearer(all.access), scopes});
    for (const std::string& scope : scopes) {
      if (scope == "offline_access") continue;  // it asks for nothing by itself
      expect_own_everywhere(who, {scope, bearer(application.connect(owner, who.organization, scope).access), {scope}});
    }
  }
  std::printf("%d requests with a token of each scope\n", asked);
}

// What the member was when he allowed it gives nothing that he may not do now.
TEST_F(IsolationByTokens, OfEachRoleDoNoMoreThanTheirMember) {
  const Application application = new_application("Shop");
  for (const Tenant& who : tenants) {
    const Member ada = new_member(who, "ada");
    Browser browser = signed_in(ada);
    std::map<std::string, Tokens> tokens;
    for (const std::string& role : roles) tokens[role] = application.connect(browser, who.organization, joined(scopes));
    for (const std::string& role : roles) {
      operate_on(who, "set-role", ada, {"--role", role});
      const Tokens later = tokens_of(application.refresh(tokens[role].refresh));
      Words allowed;
      std::ranges::copy_if(scopes, std::back_inserter(allowed),
                           [&](const std::string& scope) { return role_may(role, scope); });
      expect_own_everywhere(who, {"a token of the " + role, bearer(tokens[role].access), allowed});
      expect_own_everywhere(who, {"a later token of the " + role, bearer(later.access), allowed});
    }
  }
  std::printf("%d requests with tokens of each role\n", asked);
}

TEST_F(IsolationByTokens, OfAMemberOfAllAreForOne) {
  const Application application = new_application("Shop"), other = new_application("Other");
  const Member member = add_member(tenants[0], "everywhere@people.example");
  add_member(tenants[1], member.email);
  add_member(tenants[2], member.email);
  Browser everywhere = signed_in(member);
  std::vector<std::string> tokens;
  for (const Tenant& who : tenants)
    tokens.push_back(bearer(application.connect(everywhere, who.organization, joined(scopes)).access));
  for (std::size_t i = 0; i < tenants.size(); ++i)
    expect_own_everywhere(tenants[i], {"a token of everybody's member", tokens[i], scopes});
  std::printf("%d requests with tokens of a member of all\n", asked);

  // What is taken back is what this member has allowed this application here, and nothing else.
  Browser colleague = signed_in(new_member(tenants[1], "colleague"));
  const auto of = [&](const Application& whose, Browser& who) {
    return bearer(whose.connect(who, tenants[1].organization, joined(scopes)).access);
  };
  const std::string second = of(application, everywhere);
  const Words untouched = {tokens[0], tokens[2], of(application, colleague), of(other, everywhere)};
  EXPECT_EQ(status_with(second), 200);
  EXPECT_EQ(ask("DELETE", "/v2/oauth2/consents", tokens[1]).status, 204);
  for (const std::string& ended : {tokens[1], second})
    EXPECT_TRUE(eventually([&] { return status_with(ended) == 401; }, std::chrono::seconds(1)));
  for (const std::string& token : untouched) EXPECT_EQ(status_with(token), 200);
}

class IsolationFromNoTokens : public IsolationByTokens {
 protected:
  // What was good a moment ago, or never was.
  struct Refused {
    const Tenant* who;
    std::string name;
    std::string token;
  };

  void add(const Tenant& who, const std::string& name, const std::string& token) { all.push_back({&who, name, token}); }

  // A token that works, and is about to end.
  std::string good(const Application& application, Browser& browser, const Tenant& who, const std::string& name) {
    const Tokens tokens = application.connect(browser, who.organization, joined(scopes));
    EXPECT_EQ(status_with(bearer(tokens.access)), 200) << name;
    add(who, name, tokens.access);
    return tokens.refresh;
  }

  // The members whose tokens these are, one of each organization.
  std::vector<Member> let_expire(const Application& application) {
    std::vector<Member> members;
    for (const Tenant& who : tenants) {
      members.push_back(new_member(who, "ada"));
      Browser browser = signed_in(members.back());
      good(application, browser, who, "an expired token");
    }
    EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"1h"})").status, 200);
    return members;
  }

  void never_tokens(const Application& application, Browser& browser, const Tenant& who) {
    const std::string code = application.code(browser, who.organization, joined(scopes));
    const Tokens tokens = tokens_of(application.exchange(application.code(browser, who.organization, joined(scopes))));
    const std::string& key = who.keys.at("all");
    add(who, "a refresh token", tokens.refresh);
    add(who, "a code", code);
    add(who, "a client secret", application.secret());
    add(who, api_key, key.substr(key.find(':') + 1));
    add(who, "a session", browser.cookies["paylink_session"]);
    for (const Tenant& other : tenants)
      if (&other != &who) {
        add(other, "a token of another", moved_to(other.organization, tokens.access));
        add(other, "an API key of another", moved_to(other.organization, key.substr(key.find(':') + 1)));
      }
  }

  void given_back(const Application& application, Browser& browser, const Tenant& who) {
    good(application, browser, who, "a revoked token");
    EXPECT_EQ(application.revoke(all.back().token).status, 200);
    EXPECT_EQ(application.revoke(good(application, browser, who, "a token of a revoked family")).status, 200);
    const std::string refresh = good(application, browser, who, "a token of a family whose refresh token came twice");
    add(who, "its second token", tokens_of(application.refresh(refresh)).access);
    EXPECT_EQ(application.refresh(refresh).status, 400);
    const std::string code = application.code(browser, who.organization, joined(scopes));
    add(who, "a token of a code that came twice", tokens_of(application.exchange(code)).access);
    EXPECT_EQ(application.exchange(code).status, 400);
    add(who, "a used code", code);
  }

  static constexpr auto api_key = "the secret of an API key";
  std::vector<Refused> all;
};

TEST_F(IsolationFromNoTokens, NothingIsSeenByWhatIsNoneOrNoneAnyMore) {
  const Application application = new_application("Shop"), withdrawn = new_application("Withdrawn"),
                    deleted = new_application("Deleted");
  const std::vector<Member> members = let_expire(application);
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    const Tenant& who = tenants[i];
    const Member leaver = new_member(who, "leaver");
    Browser browser = signed_in(members[i]), theirs = signed_in(leaver);
    never_tokens(application, browser, who);
    given_back(application, browser, who);
    good(withdrawn, browser, who, "a token of a consent taken back");
    EXPECT_EQ(ask("DELETE", "/v2/oauth2/consents", bearer(all.back().token)).status, 204);
    good(deleted, browser, who, "a token of a deleted client");
    good(application, theirs, who, "a token of a member who left");
    operate_on(who, "remove", leaver);
  }
  EXPECT_EQ(operate(sandbox, {"clients", "delete", deleted.id()}).status, 0);
  // As long as the program may believe what it has looked up.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::string refusal = without_trace(ask("GET", links, "Bearer x"));
  // Whoever has a key is told how it goes, and nothing else.
  std::string refused_key = refusal;
  const std::string_view said = "authorization token invalid";
  refused_key.insert(refusal.find(said) + said.size(), ": an API key goes without Bearer, as login:secret_key");
  for (const Refused& credential : all)
    for (const Route& route : routes) {
      std::vector<Answer> answers = {ask_about_nobody(route, bearer(credential.token))};
      for (const Tenant* owner : owners(route, *credential.who))
        answers.push_back(ask_about(route, *owner, bearer(credential.token)));
      for (const Answer& answer : answers) {
        SCOPED_TRACE(route.name() + " by " + credential.who->slug + " with " + credential.name);
        ++asked;
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(without_trace(answer), credential.name == api_key ? refused_key : refusal);
        EXPECT_EQ(answer.field("WWW-Authenticate"), R"(Bearer realm="paylink", error="invalid_token")");
      }
    }
  std::printf("%d requests with %zu of what is no token\n", asked, all.size());
}

// The route's address of something that `owner` has.
std::string address_of(const Route& route, const Tenant& owner) {
  switch (entries().at(route.name()).holds) {
    case Holds::page:
      return filled(route.pattern, owner.organization) + "?resource_id=" + owner.secret;
    case Holds::attempt:
      return filled(route.pattern, owner.attempt);
    case Holds::word:
      return filled(route.pattern, owner.word);
    default:
      return filled(route.pattern, owner.link.id, owner.payment);
  }
}

// Whoever shows a token where none is asked for is whoever he was without.
TEST_F(IsolationByTokens, ChangeNothingWhereNobodyAsksForThem) {
  const Application application = new_application("Shop");
  std::vector<std::string> tokens;
  for (const Tenant& who : tenants) {
    Browser owner = signed_in(new_member(who, "ada"));
    tokens.push_back(bearer(application.connect(owner, who.organization, joined(scopes)).access));
  }
  const auto seen = [&](const Answer& answer) {
    std::set<std::string> markers;
    for (const Tenant& tenant : tenants)
      for (const std::string& marker : tenant.markers)
        if (answer.body.find(marker) != std::string::npos) markers.insert(marker);
    return markers;
  };
  for (const Route& route : routes_of(sandbox.process())) {
    // An application says who it is in this field, and no token says that.
    if (asks_who_calls(route) || route.access == "client") continue;
    SCOPED_TRACE(route.name());
    for (const Tenant& owner : tenants) {
      const std::string address = address_of(route, owner), &body = entries().at(route.name()).body;
      const Answer nobody = ask(route.method, address, "", body);
      for (const std::string& token : tokens) {
        const Answer answer = ask(route.method, address, token, body);
        EXPECT_EQ(answer.status, nobody.status);
        EXPECT_EQ(answer.field("Location"), nobody.field("Location"));
        EXPECT_EQ(answer.field("Set-Cookie").empty(), nobody.field("Set-Cookie").empty());
        EXPECT_EQ(seen(answer), seen(nobody));
      }
    }
  }
}

}  // namespace
}  // namespace paylink::scenario
