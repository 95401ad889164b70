// Nobody sees another's data (quality: A10). The routes come from the program itself, which lists them at log level
// debug: one without an entry here fails. Three organizations, a key for each scope, and everybody's ids at every
// route.

#include "isolation.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <sstream>

#include "answers.hpp"
#include "bodies.hpp"

namespace paylink::scenario {
namespace {

std::string without_names(const std::string& pattern) {
  static const std::regex variable("\\{[^}]*\\}");
  return std::regex_replace(pattern, variable, "{}");
}

// "POST /connect/{}/key" of each operation that openapi/paylink.yaml describes.
std::set<std::string> described_at(std::uint16_t port) {
  std::istringstream lines(exchange(port, {.target = "/openapi.yaml"}).body);
  static const std::regex a_path("  (/.*):"), a_method("    (get|post|patch|put|delete):.*");
  std::set<std::string> names;
  std::smatch found;
  std::string path;
  for (std::string line; std::getline(lines, line) && line != "components:";) {
    if (std::regex_match(line, found, a_path)) path = found[1];
    if (!std::regex_match(line, found, a_method)) continue;
    std::string method = found[1];
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    names.insert(method + " " + without_names(path));
  }
  return names;
}

TEST_F(Isolation, EveryRouteHasItsEntry) {
  std::set<std::string> known, there;
  for (const auto& [name, entry] : entries()) known.insert(name);
  for (const Route& route : routes_of(sandbox.process())) there.insert(route.name());
  EXPECT_EQ(there, known);
  const auto described = described_at(sandbox.port());
  for (const std::string& name : there) EXPECT_TRUE(described.contains(without_names(name))) << name;
}

TEST_F(Isolation, EveryKeyAtEveryRouteSeesItsOwn) {
  make_keys();
  int asked = 0;
  for (const Route& route : routes_of(sandbox.process())) {
    // What the others are about is not said by a key or token of the API.
    if (!asks_who_calls(route)) continue;
    for (const Tenant& who : tenants)
      for (const auto& [scope, key] : who.keys) {
        if (route.access == "caller")
          EXPECT_EQ(ask_about(route, who, key).status, 403) << route.name();
        else
          asked += expect_own(route, who, {scope, key, scope == "all" ? asked_scopes : std::vector{scope}});
      }
    EXPECT_EQ(ask_about(route, tenants[0], "").status, 401);
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
    const Entry& entry = entries().at(route.name());
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
  constexpr std::size_t parts[] = {0, 21, 43, 53, 60, 103};
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
  make_keys();
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
  // With an application at the provider there are more.
  serve.insert(serve.end(), {"--mollie-client-id", "app_Wn4kTz7pQe2vLs9d"});
  Process server(place, serve, {"PAYLINK_MOLLIE_CLIENT_SECRET=Hx8mJb3rYc6wFg1tNq5u"});
  ASSERT_TRUE(eventually([&] { return exchange(port, {.target = "/livez"}).status == 200; })) << server.err();
  std::set<std::string> here;
  for (const Route& route : routes_of(server)) here.insert(route.name());
  // Its forms of a connection's page are those of people who are signed in: tests/scenario/onboarding_test.cpp and
  // connect_test.cpp.
  std::set<std::string> wanted{"GET /connect/mollie/return"};
  for (const char* step : {"key", "authorize", "profile", "confirm", "discard", "disconnect"})
    wanted.insert(std::string("POST /connect/{word}/") + step);
  for (const auto& [name, entry] : entries()) {
    const bool of_sandbox = name.find(" /sandbox/") != std::string::npos || name == "POST /connect/{word}";
    if (!of_sandbox) wanted.insert(name);
    if (!of_sandbox) continue;
    const std::size_t space = name.find(' ');
    const Answer answer = exchange(port, {.method = name.substr(0, space),
                                          .target = filled(name.substr(space + 1), "x"),
                                          .fields = {{"Content-Type", "application/json"}},
                                          .body = entry.body});
    EXPECT_EQ(answer.status, name == "POST /connect/{word}" ? 405 : 404) << name;
  }
  EXPECT_EQ(here, wanted);
  const auto described = described_at(port);
  for (const std::string& name : here) EXPECT_TRUE(described.contains(without_names(name))) << name;
  server.signal(15);
  EXPECT_EQ(server.wait(), 0);
}

}  // namespace
}  // namespace paylink::scenario
