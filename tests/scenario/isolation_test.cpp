// Nobody sees another's data (quality: A10). The routes come from the program itself, which lists them at log level
// debug: one without an entry here fails. Three organizations, a key for each scope, and everybody's ids at every
// route.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

// What the ids in a route's path are.
enum class Holds : std::uint8_t {
  nothing,  // none: the answer is about whoever asks
  link,     // a link's id, of the API
  page,     // an organization's id, with a link's secret in the query
  attempt,  // an attempt's word
  word,     // a connection's word
};

struct Entry {
  Holds holds = Holds::nothing;
  std::string body = {};  // of a request that changes something
  // What a stranger's id is answered with; an id that is nobody's gets the same bytes.
  int stranger = 404;
};

const std::map<std::string, Entry> entries = {
    {"GET /v2/payment_links", {}},
    {"POST /v2/payment_links", {.body = body(basket)}},
    {"GET /v2/payment_links/{id}", {.holds = Holds::link}},
    {"PATCH /v2/payment_links/{id}/deactivate", {.holds = Holds::link, .body = "{}"}},
    {"GET /v2/payment_links/{id}/payments", {.holds = Holds::link}},
    {"GET /v2/payment_links/payment_methods", {}},
    {"GET /v2/payment_links/connections", {}},
    {"POST /v2/payment_links/connections", {.body = "{}"}},
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
    // About the program, not about anybody.
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

struct Route {
  std::string method, pattern, access;
  std::string name() const { return method + " " + pattern; }
};

// The log is written behind the program's back: what was logged before the first request is there once that is.
std::vector<Route> routes_of(const Process& process) {
  EXPECT_TRUE(eventually([&] { return process.err().find(R"("event":"request")") != std::string::npos; }));
  std::vector<Route> routes;
  std::istringstream lines(process.err());
  for (std::string line; std::getline(lines, line);)
    if (at(line, "/event") == "route")
      routes.push_back({at(line, "/method"), at(line, "/pattern"), at(line, "/access")});
  return routes;
}

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
  std::string attempt = {};  // its word
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
    execute(file, "INSERT INTO users VALUES (" + known("2") + ", 'owner@" + slug + ".example', 'none', 1)");
    execute(file,
            "INSERT INTO memberships VALUES (" + known("1") + ", " + known("3") + ", " + known("2") + ", 'owner', 1)");
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
    tenant.markers = {tenant.organization, tenant.link.id,         tenant.secret,        tenant.account,
                      tenant.attempt,      "by " + tenant.slug,    iban_of(tenant.slug), "Shop of " + tenant.slug,
                      tenant.slug + "@",   "@" + tenant.slug + "."};
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

std::string filled(const std::string& pattern, const std::string& value) {
  const std::size_t open = pattern.find('{');
  if (open == std::string::npos) return pattern;
  return pattern.substr(0, open) + value + pattern.substr(pattern.find('}') + 1);
}

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
    if (route.access == "open") continue;
    const Entry& entry = entries.at(route.name());
    for (const Tenant& who : tenants)
      for (const auto& [scope, key] : who.keys) {
        std::vector<const Tenant*> whose = {&who};
        if (entry.holds == Holds::link)
          for (const Tenant& other : tenants)
            if (&other != &who) whose.push_back(&other);
        const Answer unknown = ask(route.method, filled(route.pattern, nobodys), key, entry.body);
        for (const Tenant* owner : whose) {
          SCOPED_TRACE(route.name() + " by " + who.slug + " with " + scope + " for " + owner->slug);
          const Answer answer = ask(route.method, filled(route.pattern, owner->link.id), key, entry.body);
          ++asked;
          expect_nothing_of_others(who, answer);
          if (scope != "all" && !grants(scope, route.access)) {
            EXPECT_EQ(answer.status, 403);
            EXPECT_NE(answer.body.find("missing required oauth scope"), std::string::npos);
          } else if (owner != &who) {
            EXPECT_EQ(answer.status, 404);
            EXPECT_EQ(without_trace(answer), without_trace(unknown));
          } else {
            EXPECT_TRUE(answer.status == 200 || answer.status == 201 || answer.status == 400) << answer.status;
          }
        }
      }
    EXPECT_EQ(ask(route.method, filled(route.pattern, tenants[0].link.id), "", entry.body).status, 401);
  }
  std::printf("%d requests with keys\n", asked);
}

TEST_F(Isolation, PagesBelongToTheirOrganization) {
  for (const Route& route : routes_of(sandbox.process())) {
    const Entry& entry = entries.at(route.name());
    if (entry.holds != Holds::page && entry.holds != Holds::attempt) continue;
    const auto page = [&](const std::string& organization, const std::string& secret) {
      return ask(route.method, filled(route.pattern, organization) + "?resource_id=" + secret, "", entry.body);
    };
    for (const Tenant& owner : tenants)
      for (const Tenant& other : tenants) {
        if (&owner == &other) continue;
        SCOPED_TRACE(route.name() + " of " + owner.slug + " at " + other.slug);
        // Of 32 bytes the first 16 are the organization: 21 characters and a part of one.
        const std::string crossed = other.attempt.substr(0, 21) + owner.attempt.substr(21);
        const Answer answer = entry.holds == Holds::page
                                  ? page(other.organization, owner.secret)
                                  : ask(route.method, filled(route.pattern, crossed), "", entry.body);
        const Answer unknown =
            entry.holds == Holds::page
                ? page(other.organization, "4b0c7f0e-52a8-4a4e-9a44-0d3b6f5d2c11")
                : ask(route.method, filled(route.pattern, other.attempt.substr(0, 23) + repeated(20, "x")), "",
                      entry.body);
        EXPECT_EQ(answer.status, entry.stranger);
        EXPECT_EQ(without_trace(answer), without_trace(unknown));
        for (const std::string& marker : owner.markers)
          EXPECT_EQ(answer.body.find(marker), std::string::npos) << marker;
      }
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
