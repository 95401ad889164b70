#include "isolation.hpp"

#include <algorithm>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"

namespace paylink::scenario {
namespace {

const std::string connection = R"({"partner_callback_url":"https://shop.example/","user_bank_account_id":"{account}",)"
                               R"("user_phone_number":"+31612345678"})";

bool grants(const std::vector<std::string>& held, const std::string& wanted) {
  return std::ranges::any_of(held, [&](const std::string& scope) {
    return scope == wanted || (scope == "payment_link.write" && wanted == "payment_link.create");
  });
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

}  // namespace

const std::map<std::string, Entry>& entries() {
  static const std::map<std::string, Entry> all = {
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
      {"DELETE /v2/oauth2/consents", {}},  // whatever key it is, nobody has consented to it
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
  return all;
}

const std::vector<std::string> asked_scopes = {"payment_link.read", "payment_link.write", "payment_link.create",
                                               "organization.read", "membership.read",    "webhook"};

const std::string nobodys = "01900000-0000-7000-8000-000000000000";

bool asks_who_calls(const Route& route) {
  return route.access != "open" && route.access != "session" && route.access != "client";
}

std::string without_trace(const Answer& answer) {
  std::string body = answer.body;
  const std::size_t at = body.find("\"trace_id\":\"");
  if (at != std::string::npos) body.erase(at, 12 + 32);
  return std::to_string(answer.status) + " " + body;
}

Isolation::Isolation() : sandbox({"--log-level", "debug"}) {
  tenants.push_back(
      {sandbox.ready("/organization/slug"), sandbox.ready("/organization/id"), sandbox.ready("/bank_account_id")});
  add_tenant("bravo", 'b');
  add_tenant("charlie", 'c');
  for (Tenant& tenant : tenants) furnish(tenant);
}

void Isolation::make_keys() {
  for (Tenant& tenant : tenants)
    for (const std::string& scope : asked_scopes) tenant.keys[scope] = new_key(tenant, {scope});
}

void Isolation::add_tenant(const std::string& slug, char digit) {
  const std::string d(1, digit);
  const auto id = [&](const std::string& kind) { return d + repeated(7, "0") + "-0000-7000-8000-00000000000" + kind; };
  const auto known = [&](const std::string& kind) { return id_literal(id(kind)); };
  const std::string& file = sandbox.database();
  execute(file, "INSERT INTO organizations VALUES (" + known("1") + ", '" + slug + "', 'Shop of " + slug + "', 1)");
  execute(file, "INSERT INTO users (id, email, password_hash, created_at) VALUES (" + known("2") + ", 'owner@" + slug +
                    ".example', 'none', 1)");
  execute(file, "INSERT INTO memberships (organization_id, id, user_id, role, created_at) VALUES (" + known("1") +
                    ", " + known("3") + ", " + known("2") + ", 'owner', 1)");
  execute(file, "INSERT INTO bank_accounts VALUES (" + known("1") + ", " + known("4") + ", 'Account of " + slug +
                    "', '" + iban_of(slug) + "', 'TRZOFR21XXX', 'EUR', 1, 1)");
  tenants.push_back({slug, id("1"), id("4")});
}

std::string Isolation::new_key(const Tenant& tenant, const std::vector<std::string>& granted) const {
  Words words = {"keys", "create", "--organization", tenant.slug, "--name", "test"};
  words.insert(words.end(), sandbox.where().begin(), sandbox.where().end());
  for (const std::string& scope : granted) words.insert(words.end(), {"--scope", scope});
  const Ended made = run(words);
  EXPECT_EQ(made.status, 0) << made.err;
  return tenant.slug + ":" + at(made.out, "/secret_key");
}

Answer Isolation::ask(const std::string& method, const std::string& target, const std::string& authorization,
                      const std::string& body) const {
  Fields fields = {{"Content-Type", target.starts_with("/v2") || target.starts_with("/sandbox")
                                        ? "application/json"
                                        : "application/x-www-form-urlencoded"}};
  if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
  return exchange(sandbox.port(), {.method = method, .target = target, .fields = fields, .body = body});
}

void Isolation::furnish(Tenant& tenant) {
  tenant.keys["all"] = new_key(tenant, asked_scopes);
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
  ASSERT_EQ(tenant.word.size(), 103U) << connected.body;
  tenant.markers = {tenant.organization,  tenant.link.id,           tenant.secret,     tenant.account,
                    tenant.payment,       tenant.attempt,           tenant.word,       "by " + tenant.slug,
                    iban_of(tenant.slug), "Shop of " + tenant.slug, tenant.slug + "@", "@" + tenant.slug + "."};
}

Answer Isolation::ask_about(const Route& route, const Tenant& owner, const std::string& authorization) const {
  const std::string body = with_account(entries().at(route.name()).body, owner.account);
  return ask(route.method, filled(route.pattern, owner.link.id, owner.payment), authorization, body);
}

Answer Isolation::ask_about_nobody(const Route& route, const std::string& authorization) const {
  const std::string body = with_account(entries().at(route.name()).body, nobodys);
  return ask(route.method, filled(route.pattern, nobodys, nobodys), authorization, body);
}

std::vector<const Tenant*> Isolation::owners(const Route& route, const Tenant& who) const {
  std::vector<const Tenant*> all = {&who};
  const Holds holds = entries().at(route.name()).holds;
  if (holds == Holds::link || holds == Holds::payment || holds == Holds::account)
    for (const Tenant& other : tenants)
      if (&other != &who) all.push_back(&other);
  return all;
}

int Isolation::expect_own(const Route& route, const Tenant& who, const Credential& credential) const {
  const Answer unknown = ask_about_nobody(route, credential.authorization);
  const std::vector<const Tenant*> all = owners(route, who);
  std::string own;
  for (const Tenant* owner : all) {
    SCOPED_TRACE(route.name() + " by " + who.slug + " with " + credential.name + " for " + owner->slug);
    const Answer answer = ask_about(route, *owner, credential.authorization);
    expect_nothing_of_others(who, answer);
    if (!grants(credential.scopes, route.access)) {
      // Of our narrower scope clients of the contract are not told.
      const std::string missing = route.access == "payment_link.create" ? "payment_link.write" : route.access;
      EXPECT_EQ(answer.status, 403);
      EXPECT_NE(answer.body.find("missing required oauth scope: " + missing), std::string::npos);
      EXPECT_EQ(answer.field("WWW-Authenticate"),
                R"(Bearer realm="paylink", error="insufficient_scope", scope=")" + missing + '"');
      EXPECT_EQ(without_trace(answer), without_trace(unknown));
    } else if (owner != &who) {
      EXPECT_EQ(answer.status, entries().at(route.name()).stranger);
      EXPECT_EQ(without_trace(answer), without_trace(unknown));
      EXPECT_NE(without_trace(answer), own);
    } else {
      own = without_trace(answer);
      EXPECT_TRUE(answer.status == 200 || answer.status == 201 || answer.status == 400) << answer.status;
    }
  }
  return static_cast<int>(all.size()) + 1;
}

void Isolation::expect_nothing_of_others(const Tenant& who, const Answer& answer) const {
  for (const Tenant& other : tenants) {
    if (&other == &who) continue;
    for (const std::string& marker : other.markers)
      EXPECT_EQ(answer.body.find(marker), std::string::npos) << marker << " of " << other.slug << " in " << answer.body;
  }
}

}  // namespace paylink::scenario
