// Nobody sees another's data (quality: A10). The routes come from the program itself, which lists them at log level
// debug: one without an entry here fails. Three organizations, a key for each scope, and everybody's ids at every
// route.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"
#include "process.hpp"
#include "routes.hpp"

namespace paylink::scenario {
namespace {

// What the ids in a route's path, or in its body, are.
enum class Holds : std::uint8_t {
  nothing,  // none: the answer is about whoever asks
  link,     // a link's id, of the API
  payment,  // a link's id and one of a payment of it
  account,  // a bank account's id, in the body
  page,     // an organization's id, with a link's secret in the query
  attempt,  // an attempt's word
  word,     // a connection's word
};

struct Entry {
  Holds holds = Holds::nothing;
  std::string body = {};  // of a request that changes something; {account} stands for the id of one
  // What a stranger's id is answered with; an id that is nobody's gets the same bytes.
  int stranger = 404;
};

const std::string connection =
    R"({"partner_callback_url":"https://shop.example.com/","user_bank_account_id":"{account}",)"
    R"("user_phone_number":"+31612345678"})";

const std::map<std::string, Entry> entries = {
    {"GET /v2/payment_links", {}},
    {"POST /v2/payment_links", {.body = body(basket)}},
    {"GET /v2/payment_links/{id}", {.holds = Holds::link}},
    {"PATCH /v2/payment_links/{id}/deactivate", {.holds = Holds::link, .body = "{}"}},
    {"GET /v2/payment_links/{id}/payments", {.holds = Holds::link}},
    {"GET /v2/payment_links/{id}/payments/{payment_id}/refunds", {.holds = Holds::payment}},
    {"GET /v2/payment_links/{id}/payments/{payment_id}/chargebacks", {.holds = Holds::payment}},
    {"POST /v2/payment_links/{id}/payments/{payment_id}/refunds",
     {.holds = Holds::payment, .body = R"({"refund":{}})"}},
    {"GET /v2/payment_links/payment_methods", {}},
    {"GET /v2/payment_links/connections", {}},
    {"POST /v2/payment_links/connections", {.holds = Holds::account, .body = connection, .stranger = 400}},
    {"GET /v2/organization", {}},
    {"GET /v2/bank_accounts", {}},
    {"GET /v2/membership", {}},
    {"GET /{organization}", {.holds = Holds::page}},
    {"POST /{organization}", {.holds = Holds::page, .body = "token=x&email=a@example.com&method=ideal"}},
    {"GET /a/{attempt}", {.holds = Holds::attempt}},
    {"GET /a/{attempt}/go", {.holds = Holds::attempt}},
    {"POST /notifications/mollie/{attempt}", {.holds = Holds::attempt, .body = "id=tr_x", .stranger = 200}},
    {"GET /connect/{word}", {.holds = Holds::word}},
    {"POST /connect/{word}", {.holds = Holds::word, .body = "decision=enable"}},
    // Whatever key it is, nobody has consented to it.
    {"DELETE /v2/oauth2/consents", {}},
    // What they are about is said by who is signed in, or by a code or token: tests/oauth.
    {"GET /oauth2/auth", {}},
    {"POST /oauth2/auth", {}},
    {"POST /oauth2/token", {}},
    {"POST /oauth2/revoke", {}},
    // About whoever is signed in: tests/scenario/account_test.cpp.
    {"GET /sign-in", {}},
    {"POST /sign-in", {}},
    {"POST /sign-out", {}},
    {"GET /account", {}},
    {"GET /account/password", {}},
    {"POST /account/password", {}},
    {"GET /account/confirm", {}},
    {"POST /account/confirm", {}},
    {"POST /account/applications/revoke", {}},
    {"POST /account/sign-out-everywhere", {}},
    // About the program, not about anybody.
    {"GET /.well-known/oauth-authorization-server", {}},
    {"GET /assets/{file}", {}},
    {"GET /livez", {}},
    {"GET /readyz", {}},
    {"GET /openapi.yaml", {}},
    {"GET /openapi.json", {}},
    {"GET /docs", {}},
    {"GET /docs/", {}},
    {"GET /", {}},
    // The sandbox's own: only for its own organization, whoever asks.
    {"GET /sandbox/clock", {}},
    {"POST /sandbox/clock", {.body = R"({"advance":"1s"})"}},
    {"POST /sandbox/connections", {.body = "{}"}},
    {"POST /sandbox/payments", {.body = "{}"}},
    {"POST /sandbox/payments/{id}", {.body = R"({"outcome":"paid"})"}},
};

const std::vector<std::string> scopes = {"payment_link.read", "payment_link.write", "payment_link.create",
                                         "organization.read", "membership.read",    "webhook"};

bool grants(const std::string& held, const std::string& wanted) {
  return held == wanted || (held == "payment_link.write" && wanted == "payment_link.create");
}

std::string without_trace(const Answer& answer) {
  std::string body = answer.body;
  const std::size_t at = body.find("\"trace_id\":\"");
  if (at != std::string::npos) body.erase(at, 12 + 32);
  return std::to_string(answer.status) + " " + body;
}

std::string with_account(std::string body, const std::string& account) {
  const std::string place = "{account}";
  if (const std::size_t at = body.find(place); at != std::string::npos) body.replace(at, place.size(), account);
  return body;
}

std::string iban_of(const std::string& slug) {
  std::string iban = "FR76";
  for (const char c : slug)
    if (c != '-') iban += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return iban + repeated(12, "0");
}

struct Tenant {
  std::string slug, organization, account;
  std::map<std::string, std::string> keys = {};  // by scope; "all" has every one
  Link link = {};
  std::string secret = {};   // of the link's URL
  std::string payment = {};  // the id of a payment of the link
  std::string attempt = {};  // its word
  std::string word = {};     // its connection's
  // What may be seen by nobody else.
  std::vector<std::string> markers = {};
};

class Isolation : public testing::Test {
 protected:
  Isolation() : sandbox({"--log-level", "debug"}) {
    tenants.push_back(
        {sandbox.ready("/organization/slug"), sandbox.ready("/organization/id"), sandbox.ready("/bank_account_id")});
    add_tenant("bravo", 'b');
    add_tenant("charlie", 'c');
    for (Tenant& tenant : tenants) furnish(tenant);
  }

  void add_tenant(const std::string& slug, char digit) {
    const std::string d(1, digit);
    const auto id = [&](const std::string& kind) {
      return d + repeated(7, "0") + "-0000-7000-8000-00000000000" + kind;
    };
    const auto known = [&](const std::string& kind) { return id_literal(id(kind)); };
    const std::string& file = sandbox.database();
    execute(file, "INSERT INTO organizations VALUES (" + known("1") + ", '" + slug + "', 'Shop of " + slug + "', 1)");
    execute(file, "INSERT INTO users (id, email, password_hash, created_at) VALUES (" + known("2") + ", 'owner@" +
                      slug + ".example', 'none', 1)");
    execute(file, "INSERT INTO memberships (organization_id, id, user_id, role, created_at) VALUES (" + known("1") +
                      ", " + known("3") + ", " + known("2") + ", 'owner', 1)");
    execute(file, "INSERT INTO bank_accounts VALUES (" + known("1") + ", " + known("4") + ", 'Account of " + slug +
                      "', '" + iban_of(slug) + "', 'TRZOFR21XXX', 'EUR', 1, 1)");
    tenants.push_back({slug, id("1"), id("4")});
  }

  std::string new_key(const Tenant& tenant, const std::vector<std::string>& granted) const {
    Words words = {"keys", "create", "--organization", tenant.slug, "--name", "test"};
    words.insert(words.end(), sandbox.where().begin(), sandbox.where().end());
    for (const std::string& scope : granted) words.insert(words.end(), {"--scope", scope});
    const Ended made = run(words);
    EXPECT_EQ(made.status, 0) << made.err;
    return tenant.slug + ":" + at(made.out, "/secret_key");
  }

  Answer ask(const std::string& method, const std::string& target, const std::string& key,
             const std::string& body = "") const {
    Fields fields = {{"Content-Type", target.starts_with("/v2") || target.starts_with("/sandbox")
                                          ? "application/json"
                                          : "application/x-www-form-urlencoded"}};
    if (!key.empty()) fields.emplace_back("Authorization", key);
    return exchange(sandbox.port(), {.method = method, .target = target, .fields = fields, .body = body});
  }

  void furnish(Tenant& tenant) {
    tenant.keys["all"] = new_key(tenant, scopes);
    for (const std::string& scope : scopes) tenant.keys[scope] = new_key(tenant, {scope});
    if (tenant.slug != sandbox.ready("/organization/slug")) {
      const Object wanted = {{"partner_callback_url", "\"https://" + tenant.slug + ".example/\""},
                             {"user_bank_account_id", scenario::quoted(tenant.account)},
                             {"user_phone_number", R"("+31612345678")"}};
      const Answer begun = ask("POST", "/v2/payment_links/connections", tenant.keys["all"], wanted.text());
      ASSERT_EQ(begun.status, 201) << begun.body;
      const std::string word = Address::parse(at(begun.body, "/connection_location")).target;
      ASSERT_EQ(ask("POST", word, "", "decision=enable").status, 303);
    }
    const std::string named = body(basket.with("metadata", "{\"kept\":\"by " + tenant.slug + "\"}"));
    const Answer made = ask("POST", "/v2/payment_links", tenant.keys["all"], named);
    ASSERT_EQ(made.status, 201) << made.body;
    tenant.link = {at(made.body, "/payment_link/id"), Address::parse(at(made.body, "/payment_link/url")).target};
    tenant.secret = tenant.link.target.substr(tenant.link.target.find('=') + 1);
    const Payer payer(sandbox);
    const Answer paying = payer.submit(tenant.link, payer.open(tenant.link));
    ASSERT_EQ(paying.status, 303) << paying.body;
    const std::string way = paying.field("Location");
    tenant.attempt = way.substr(3, way.find('/', 3) - 3);
    const Answer listed = ask("GET", "/v2/payment_links/" + tenant.link.id + "/payments", tenant.keys["all"]);
    tenant.payment = at(listed.body, "/payments/0/id");
    const Answer connected = ask("GET", "/v2/payment_links/connections", tenant.keys["all"]);
    tenant.word = Address::parse(at(connected.body, "/connection_location")).target.substr(9);
    ASSERT_EQ(tenant.word.size(), 99U) << connected.body;
    tenant.markers = {tenant.organization,  tenant.link.id,           tenant.secret,     tenant.account,
                      tenant.payment,       tenant.attempt,           tenant.word,       "by " + tenant.slug,
                      iban_of(tenant.slug), "Shop of " + tenant.slug, tenant.slug + "@", "@" + tenant.slug + "."};
  }

  void expect_nothing_of_others(const Tenant& who, const Answer& answer) const {
    for (const Tenant& other : tenants) {
      if (&other == &who) continue;
      for (const std::string& marker : other.markers)
        EXPECT_EQ(answer.body.find(marker), std::string::npos)
            << marker << " of " << other.slug << " in " << answer.body;
    }
  }

  Sandbox sandbox;
  std::vector<Tenant> tenants;
};

const std::string nobodys = "01900000-0000-7000-8000-000000000000";

TEST_F(Isolation, EveryRouteHasItsEntry) {
  std::set<std::string> known, there;
  for (const auto& [name, entry] : entries) known.insert(name);
  for (const Route& route : routes_of(sandbox.process())) there.insert(route.name());
  EXPECT_EQ(there, known);
}

TEST_F(Isolation, EveryKeyAtEveryRouteSeesItsOwn) {
  int asked = 0;
  for (const Route& route : routes_of(sandbox.process())) {
    // What these are about is not said by a key or token of the API.
    if (route.access == "open" || route.access == "session" || route.access == "client") continue;
    const Entry& entry = entries.at(route.name());
    for (const Tenant& who : tenants)
      for (const auto& [scope, key] : who.keys) {
        std::vector<const Tenant*> whose = {&who};
        if (entry.holds == Holds::link || entry.holds == Holds::payment || entry.holds == Holds::account)
          for (const Tenant& other : tenants)
            if (&other != &who) whose.push_back(&other);
        const auto about = [&](const std::string& link, const std::string& payment, const std::string& account) {
          return ask(route.method, filled(route.pattern, link, payment), key, with_account(entry.body, account));
        };
        const Answer unknown = about(nobodys, nobodys, nobodys);
        std::string own;
        for (const Tenant* owner : whose) {
          SCOPED_TRACE(route.name() + " by " + who.slug + " with " + scope + " for " + owner->slug);
          const Answer answer = about(owner->link.id, owner->payment, owner->account);
          ++asked;
          expect_nothing_of_others(who, answer);
          if (route.access == "caller") {
            EXPECT_EQ(answer.status, 403);
          } else if (scope != "all" && !grants(scope, route.access)) {
            EXPECT_EQ(answer.status, 403);
            EXPECT_NE(answer.body.find("missing required oauth scope"), std::string::npos);
          } else if (owner != &who) {
            EXPECT_EQ(answer.status, entry.stranger);
            EXPECT_EQ(without_trace(answer), without_trace(unknown));
            EXPECT_NE(without_trace(answer), own);
          } else {
            own = without_trace(answer);
            EXPECT_TRUE(answer.status == 200 || answer.status == 201 || answer.status == 400) << answer.status;
          }
        }
      }
    EXPECT_EQ(ask(route.method, filled(route.pattern, tenants[0].link.id), "", entry.body).status, 401);
  }
  std::printf("%d requests with keys\n", asked);
}

// An address of `owner` made into one of `other`, and one that nobody was given.
std::pair<std::string, std::string> crossed(const Route& route, Holds holds, const Tenant& owner, const Tenant& other) {
  if (holds == Holds::page) {
    const std::string at_other = filled(route.pattern, other.organization) + "?resource_id=";
    return {at_other + owner.secret, at_other + "4b0c7f0e-52a8-4a4e-9a44-0d3b6f5d2c11"};
  }
  // The first 16 bytes are the organization: 21 characters and a part of one. What follows is a secret, or signed.
  const bool attempt = holds == Holds::attempt;
  const std::string &mine = attempt ? owner.attempt : owner.word, &theirs = attempt ? other.attempt : other.word;
  return {filled(route.pattern, theirs.substr(0, 21) + mine.substr(21)),
          filled(route.pattern, theirs.substr(0, 23) + repeated(theirs.size() - 24, "x") + "w")};
}

TEST_F(Isolation, PagesBelongToTheirOrganization) {
  std::set<Holds> seen;
  for (const Route& route : routes_of(sandbox.process())) {
    const Entry& entry = entries.at(route.name());
    if (entry.holds != Holds::page && entry.holds != Holds::attempt && entry.holds != Holds::word) continue;
    seen.insert(entry.holds);
    for (const Tenant& owner : tenants)
      for (const Tenant& other : tenants) {
        if (&owner == &other) continue;
        SCOPED_TRACE(route.name() + " of " + owner.slug + " at " + other.slug);
        const auto [foreign, nobody] = crossed(route, entry.holds, owner, other);
        const Answer answer = ask(route.method, foreign, "", entry.body);
        const Answer unknown = ask(route.method, nobody, "", entry.body);
        EXPECT_EQ(answer.status, entry.stranger);
        EXPECT_EQ(without_trace(answer), without_trace(unknown));
        for (const std::string& marker : owner.markers)
          EXPECT_EQ(answer.body.find(marker), std::string::npos) << marker;
      }
  }
  EXPECT_EQ(seen.size(), 3U);
}

// Of a connection's word every part is signed: none can be changed for another tenant's.
TEST_F(Isolation, NoPartOfAConnectionsWordCanBeTakenFromAnother) {
  // Organization, connection, time, how it stood and what for, signature: where each begins, in characters.
  constexpr std::size_t parts[] = {0, 21, 43, 53, 56, 99};
  for (const Tenant& owner : tenants)
    for (const Tenant& other : tenants)
      for (std::size_t part = 0; part + 1 < std::size(parts); ++part) {
        const std::size_t from = parts[part], size = parts[part + 1] - from;
        std::string word = owner.word;
        word.replace(from, size, other.word, from, size);
        if (word == owner.word) continue;  // the two stand alike
        SCOPED_TRACE(owner.slug + " with part " + std::to_string(part) + " of " + other.slug);
        EXPECT_EQ(ask("GET", "/connect/" + word, "").status, 404);
        EXPECT_EQ(ask("POST", "/connect/" + word, "", "decision=disable").status, 404);
      }
  for (const Tenant& who : tenants) {
    const Answer found = ask("GET", "/v2/payment_links/connections", who.keys.at("all"));
    EXPECT_EQ(at(found.body, "/status"), "enabled");
  }
}

TEST_F(Isolation, AKeyOfOneIsNoLoginOfAnother) {
  for (const Tenant& owner : tenants)
    for (const Tenant& other : tenants) {
      if (&owner == &other) continue;
      const std::string& key = owner.keys.at("all");
      const std::string borrowed = other.slug + key.substr(key.find(':'));
      EXPECT_EQ(ask("GET", "/v2/organization", borrowed).status, 401);
    }
}

// Whoever may only look gets an address to look at.
TEST_F(Isolation, AConnectionIsDecidedAboutByWriters) {
  for (const Tenant& who : tenants)
    for (const auto& [scope, key] : who.keys) {
      SCOPED_TRACE(who.slug + " with " + scope);
      const Answer found = ask("GET", "/v2/payment_links/connections", key);
      EXPECT_EQ(found.status, scope == "all" || scope == "payment_link.read" ? 200 : 403);
      if (found.status != 200) continue;
      const std::string word = Address::parse(at(found.body, "/connection_location")).target;
      const Answer page = ask("GET", word, "");
      EXPECT_EQ(page.status, 200);
      EXPECT_EQ(page.body.find("<form") != std::string::npos, scope == "all");
      EXPECT_EQ(ask("POST", word, "", "decision=enable").status, scope == "all" ? 303 : 404);
    }
}

TEST_F(Isolation, IdempotencyKeysAndMetadataAreEachOnesOwn) {
  std::set<std::string> made;
  for (const Tenant& who : tenants) {
    const Fields fields = {{"Authorization", who.keys.at("all")}, {"Idempotency-Key", "the same"}};
    const Answer answer = exchange(
        sandbox.port(), {.method = "POST", .target = "/v2/payment_links", .fields = fields, .body = body(basket)});
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.field("Idempotent-Replayed"), "");
    made.insert(at(answer.body, "/payment_link/id"));
    for (const Tenant& other : tenants) {
      const Answer found = ask("GET", "/v2/payment_links?metadata[kept]=by%20" + other.slug, who.keys.at("all"));
      EXPECT_EQ(at(found.body, "/meta/total_count"), &who == &other ? "1" : "0");
    }
  }
  EXPECT_EQ(made.size(), tenants.size());
}

// A production server has none of the sandbox's routes, nor its simulator's.
TEST(Serving, HasNothingOfTheSandbox) {
  const TempDir place;
  const Storage storage(place.file("data"));
  Words where = storage.words();
  where.insert(where.end(), {"--key-file", place.file("key")});
  Words init = {"init",
                "--name",
                "Acme",
                "--slug",
                "acme",
                "--email",
                "owner@acme.example",
                "--iban",
                "FR7716798000010000000000103",
                "--bic",
                "TRZOFR2X"};
  init.insert(init.end(), where.begin(), where.end());
  ASSERT_EQ(run(init).status, 0);
  const std::uint16_t port = free_port();
  never_record(port);  // openapi/paylink.yaml describes the sandbox too
  Words serve = {"serve",
                 "--listen",
                 "127.0.0.1:" + std::to_string(port),
                 "--public-url",
                 "http://127.0.0.1:" + std::to_string(port),
                 "--log-level",
                 "debug"};
  serve.insert(serve.end(), where.begin(), where.end());
  Process server(place, serve);
  ASSERT_TRUE(eventually([&] { return exchange(port, {.target = "/livez"}).status == 200; })) << server.err();
  std::set<std::string> here;
  for (const Route& route : routes_of(server)) here.insert(route.name());
  EXPECT_TRUE(here.contains("POST /v2/payment_links"));
  for (const auto& [name, entry] : entries) {
    const bool of_sandbox =
        name.find(" /sandbox/") != std::string::npos || name.find(" /connect/") != std::string::npos;
    EXPECT_EQ(here.contains(name), !of_sandbox) << name;
    if (!of_sandbox) continue;
    const std::size_t space = name.find(' ');
    const Answer answer = exchange(port, {.method = name.substr(0, space),
                                          .target = filled(name.substr(space + 1), "x"),
                                          .fields = {{"Content-Type", "application/json"}},
                                          .body = entry.body});
    EXPECT_EQ(answer.status, 404) << name;
  }
  server.signal(15);
  EXPECT_EQ(server.wait(), 0);
}

}  // namespace
}  // namespace paylink::scenario
