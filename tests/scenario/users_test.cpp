// People and organizations as an operator meets them: `paylink users …` and `paylink organizations …`, with a server
// and without.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "crypto/password.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";
const std::string ada = "ada@acme.example", owner = "owner@acme.example";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Ended users(const Sandbox& sandbox, Words words) {
  words.insert(words.begin(), "users");
  return operate(sandbox, std::move(words));
}

void done(const Ended& ended) { EXPECT_EQ(ended.status, 0) << ended.err; }

// `ada@acme.example owner, bob@acme.example manager`.
std::string members(const Sandbox& sandbox, const std::string& organization = "acme-sandbox") {
  const Ended listed = users(sandbox, {"list", "--organization", organization, "-o", "json"});
  done(listed);
  std::string text;
  for (int i = 0; at(listed.out, "/" + std::to_string(i)) != "(nothing)"; ++i) {
    const std::string place = "/" + std::to_string(i);
    text += (i == 0 ? "" : ", ") + at(listed.out, place + "/email") + " " + at(listed.out, place + "/role");
  }
  return text;
}

// The password that was shown is the one that is stored, as a hash.
void expect_password(const Sandbox& sandbox, const std::string& email, const std::string& password) {
  EXPECT_EQ(password.size(), 24U) << password;
  const std::string hash = value(sandbox.database(), "SELECT password_hash FROM users WHERE email = '" + email + "'");
  EXPECT_TRUE(hash.starts_with("$argon2id$")) << hash;
  EXPECT_EQ(crypto::check_password(Secret(password), hash), crypto::PasswordCheck::right);
}

int post(const Sandbox& sandbox) { return sandbox.post(links, body(basket)).status; }

bool soon(const std::function<bool()>& condition) { return eventually(condition, std::chrono::seconds(1)); }

TEST(Users, ComeChangeAndGo) {
  Sandbox sandbox;
  const Ended made = users(sandbox, {"create", "--email", "Ada@acme.example", "--role", "manager"});
  done(made);
  EXPECT_EQ(made.err, "Keep this: the password is shown only now.\n");
  EXPECT_EQ(at(made.out, "/organization"), "acme-sandbox");
  EXPECT_EQ(at(made.out, "/email"), ada);
  EXPECT_EQ(at(made.out, "/role"), "manager");
  const std::string first = at(made.out, "/password");
  expect_password(sandbox, ada, first);
  EXPECT_EQ(members(sandbox), owner + " owner, " + ada + " manager");
  EXPECT_TRUE(users(sandbox, {"list"}).out.starts_with("EMAIL "));
  const Ended role = users(sandbox, {"set-role", ada, "--role", "admin"});
  EXPECT_TRUE(role.out.starts_with(ada + " is admin of acme-sandbox.")) << role.err;
  const Ended reset = users(sandbox, {"reset-password", ada});
  EXPECT_EQ(reset.err, "Keep this: the password is shown only now.\n");
  EXPECT_NE(at(reset.out, "/password"), first);
  expect_password(sandbox, ada, at(reset.out, "/password"));
  done(users(sandbox, {"remove", ada}));
  EXPECT_EQ(members(sandbox), owner + " owner");
  const Ended again = users(sandbox, {"create", "--email", ada, "--role", "reporter"});
  done(again);
  EXPECT_EQ(at(again.out, "/password"), "(nothing)");
  EXPECT_TRUE(has(again.err, "keeps the password")) << again.err;
  EXPECT_EQ(at(again.out, "/membership_id"), at(made.out, "/membership_id"));
  expect_password(sandbox, ada, at(reset.out, "/password"));
  EXPECT_EQ(sandbox.stop(), 0);
  for (const std::string& secret : {first, at(reset.out, "/password"), std::string("$argon2")})
    EXPECT_FALSE(has(sandbox.process().err(), secret));
}

TEST(Users, EndTheirApplicationsWithANewPasswordWhenAskedTo) {
  const Sandbox sandbox;
  done(users(sandbox, {"reset-password", owner}));
  EXPECT_EQ(sandbox.get(links).status, 200);
  done(users(sandbox, {"reset-password", owner, "--revoke-applications"}));
  EXPECT_TRUE(soon([&] { return sandbox.get(links).status == 401; }));
}

TEST(Users, WithoutAServerAreKeptInTheDirectory) {
  Sandbox sandbox;
  EXPECT_EQ(sandbox.stop(), 0);
  const Ended made = users(sandbox, {"create", "--email", ada, "--role", "manager"});
  done(made);
  expect_password(sandbox, ada, at(made.out, "/password"));
  done(users(sandbox, {"set-role", ada, "--role", "owner"}));
  done(users(sandbox, {"set-role", owner, "--role", "reporter"}));
  sandbox.start();
  EXPECT_EQ(members(sandbox), owner + " reporter, " + ada + " owner");
  EXPECT_EQ(post(sandbox), 403);
  EXPECT_EQ(sandbox.stop(), 0);
  done(users(sandbox, {"remove", owner}));
  const Ended reset = users(sandbox, {"reset-password", ada});
  expect_password(sandbox, ada, at(reset.out, "/password"));
  sandbox.start();
  EXPECT_EQ(members(sandbox), ada + " owner");
  EXPECT_EQ(sandbox.get(links).status, 401);
}

// The sandbox's token acts for its owner.
TEST(Users, LetApplicationsDoLessWithinASecondWhenTheirRoleIsLess) {
  const Sandbox sandbox;
  done(users(sandbox, {"create", "--email", ada, "--role", "owner"}));
  done(users(sandbox, {"set-role", owner, "--role", "manager"}));
  EXPECT_EQ(post(sandbox), 201);
  done(users(sandbox, {"set-role", owner, "--role", "reporter"}));
  EXPECT_TRUE(soon([&] { return post(sandbox) == 403; }));
  EXPECT_TRUE(has(sandbox.post(links, body(basket)).body,
                  "missing required oauth scope: payment_link.write; it was allowed, and is not for a member whose "
                  "role is report"));
  EXPECT_EQ(sandbox.get(links).status, 200);
  done(users(sandbox, {"set-role", owner, "--role", "manager"}));
  EXPECT_TRUE(soon([&] { return post(sandbox) == 201; }));
}

TEST(Users, TakeTheirApplicationsAlongWithinASecondWhenTheyGo) {
  Sandbox sandbox;
  EXPECT_EQ(sandbox.get(links).status, 200);
  done(users(sandbox, {"create", "--email", ada, "--role", "owner"}));
  done(users(sandbox, {"remove", owner}));
  EXPECT_TRUE(soon([&] { return sandbox.get(links).status == 401; }));
  EXPECT_EQ(sandbox.ask({.target = links, .fields = {{"Authorization", sandbox.api_key()}}}).status, 200);
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start();
  EXPECT_EQ(sandbox.get(links).status, 401);
  // Who comes back has allowed nothing yet.
  done(users(sandbox, {"create", "--email", owner, "--role", "owner"}));
  EXPECT_FALSE(soon([&] { return sandbox.get(links).status != 401; }));
}

TEST(Users, SayWhatIsWrong) {
  const Sandbox sandbox;
  done(users(sandbox, {"create", "--email", ada, "--role", "manager"}));
  struct Case {
    const char* name;
    Words words;
    const char* sentence;
    int status = 1;
  };
  const Case cases[] = {
      {"no address", {"create", "--email", "ada", "--role", "admin"}, "`ada` is no e-mail address", 2},
      {"an empty one", {"create", "--email", "", "--role", "admin"}, "--email must have", 2},
      {"no role", {"create", "--email", "eve@acme.example"}, "--role is required", 2},
      {"another role", {"create", "--email", "eve@acme.example", "--role", "king"}, "king not in", 2},
      {"a member", {"create", "--email", ada, "--role", "admin"}, "belongs to `acme-sandbox` already"},
      {"another organization",
       {"create", "--email", "eve@acme.example", "--role", "admin", "--organization", "other"},
       "There is no organization `other`"},
      {"the last owner's role", {"set-role", owner, "--role", "admin"}, "is the only owner of `acme-sandbox`"},
      {"the last owner", {"remove", owner}, "is the only owner of `acme-sandbox`"},
      {"nobody's role", {"set-role", "eve@acme.example", "--role", "admin"}, "`eve@acme.example` does not belong"},
      {"nobody", {"remove", "eve@acme.example"}, "`eve@acme.example` does not belong"},
      {"nobody's password", {"reset-password", "eve@acme.example"}, "Nobody here has the address"},
      {"a long address", {"remove", repeated(255, "e")}, "EMAIL must have", 2},
      {"no address at all", {"remove"}, "EMAIL is required", 2},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Ended ended = users(sandbox, c.words);
    EXPECT_EQ(ended.status, c.status) << ended.err;
    EXPECT_TRUE(has(ended.err, c.sentence)) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
  EXPECT_EQ(members(sandbox), owner + " owner, " + ada + " manager");
}

Ended organizations(const Sandbox& sandbox, Words words) {
  words.insert(words.begin(), "organizations");
  return operate(sandbox, std::move(words));
}

Ended add_bakery(const Sandbox& sandbox, const std::string& slug, const std::string& email) {
  return organizations(sandbox, {"create", "--slug", slug, "--name", "The Bakery", "--iban",
                                 "FR7716798000010000000000103", "--bic", "TRZOFR21XXX", "--owner-email", email});
}

TEST(Organizations, AreSeveralInOneInstallation) {
  Sandbox sandbox;
  const Ended made = add_bakery(sandbox, "bakery", "eve@bakery.example");
  done(made);
  expect_password(sandbox, "eve@bakery.example", at(made.out, "/owner/password"));
  EXPECT_EQ(at(made.out, "/owner/role"), "owner");
  EXPECT_EQ(sandbox.stop(), 0);
  const Ended second = add_bakery(sandbox, "bakery-2", owner);
  done(second);
  EXPECT_EQ(at(second.out, "/owner/password"), "(nothing)");
  sandbox.start();
  const Ended listed = organizations(sandbox, {"list", "-o", "json"});
  EXPECT_EQ(at(listed.out, "/0/slug"), "acme-sandbox");
  EXPECT_EQ(at(listed.out, "/1/id"), at(made.out, "/id"));
  EXPECT_EQ(at(listed.out, "/2/slug"), "bakery-2");
  EXPECT_TRUE(organizations(sandbox, {"list"}).out.starts_with("SLUG "));
  EXPECT_EQ(members(sandbox, "bakery"), "eve@bakery.example owner");
  EXPECT_EQ(members(sandbox, "bakery-2"), owner + " owner");
  const Ended unsaid = users(sandbox, {"list"});
  EXPECT_EQ(unsaid.status, 1);
  EXPECT_TRUE(has(unsaid.err, "--organization SLUG")) << unsaid.err;
  // It works: with a key of its own it has an account and no links.
  const Ended key = operate(sandbox, {"keys", "create", "--organization", "bakery", "--name", "till", "--scope",
                                      "organization.read", "--scope", "payment_link.read"});
  done(key);
  EXPECT_EQ(post(sandbox), 201);
  const Fields as_bakery{{"Authorization", at(key.out, "/login") + ":" + at(key.out, "/secret_key")}};
  const Answer shown = sandbox.ask({.target = "/v2/organization", .fields = as_bakery});
  EXPECT_EQ(at(shown.body, "/organization/slug"), "bakery");
  EXPECT_EQ(at(shown.body, "/organization/bank_accounts/0/id"), at(made.out, "/bank_account_id"));
  EXPECT_EQ(at(sandbox.ask({.target = links, .fields = as_bakery}).body, "/meta/total_count"), "0");
}

TEST(Organizations, SayWhatIsWrong) {
  const Sandbox sandbox;
  const Ended taken = add_bakery(sandbox, "acme-sandbox", owner);
  EXPECT_EQ(taken.status, 1);
  EXPECT_TRUE(has(taken.err, "There is an organization `acme-sandbox` already")) << taken.err;
  const Ended slug = add_bakery(sandbox, "The Bakery", owner);
  EXPECT_EQ(slug.status, 2);
  EXPECT_TRUE(has(slug.err, "--slug must be")) << slug.err;
  const Ended email = add_bakery(sandbox, "bakery", "nobody");
  EXPECT_EQ(email.status, 2);
  EXPECT_TRUE(has(email.err, "`nobody` is no e-mail address")) << email.err;
  EXPECT_EQ(at(organizations(sandbox, {"list", "-o", "json"}).out, "/1"), "(nothing)");
}

}  // namespace
}  // namespace paylink::scenario
