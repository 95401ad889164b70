// Nothing secret comes out where it should not (quality: A11). Every secret there is, and markers in every place that a
// stranger can fill, go through an installation that logs everything, fails in every way and dies; then everything it
// has left behind is searched for them, byte by byte.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

#include "bodies.hpp"
#include "browser.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hmac.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";
const std::string form_type = "application/x-www-form-urlencoded";

// Card numbers (test ones, with a good check digit). The first goes where text is meant to be kept: a merchant's own
// words, which nobody may change. The second goes everywhere else.
const std::string kept_card = "4242424242424242", stray_card = "5555555555554444";
const std::string kept = "KEPT-CANARY-6f1c", stray = "STRAY-CANARY-93ab", security_code = "CVC-CANARY-737";
const std::string wrong_password = "WRONG-PASSWORD-CANARY", chosen_password = "CHOSEN-PASSWORD-CANARY";
const std::string stray_query = "card=" + stray_card + "&cvc=" + security_code + "&note=" + stray;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// How a text may be written somewhere: as it is, as a form's value, in hexadecimal and in base64, and the bytes it
// stands for.
std::vector<std::string> spellings(const std::string& text) {
  std::vector<std::string> all{text, encoded(text), crypto::to_hex(text), crypto::to_base64url(text)};
  std::vector<std::optional<std::string>> decoded{crypto::from_base64url(text)};
  // Of a token the random bits, and not the id before them: `plk_<organization>_<bits>_<checksum>`,
  // `pls_<bits>_<checksum>`, `test_<bits>`.
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, '_');) decoded.push_back(crypto::from_base32(part));
  for (const auto& bytes : decoded)
    if (bytes && bytes->size() > 16) all.insert(all.end(), {*bytes, crypto::to_hex(*bytes)});
  return all;
}

struct Needle {
  std::string name, text;
};
using Needles = std::vector<Needle>;

// "an API key, a session": those that are there.
std::string found(const Needles& needles, const std::string& hay) {
  std::string names;
  for (const auto& [name, text] : needles) {
    EXPECT_GE(text.size(), 10U) << name;
    if (std::ranges::any_of(spellings(text), [&](const auto& spelling) { return has(hay, spelling); }))
      names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// Files of SQLite as they lie there, with what was deleted; of PostgreSQL every row of every table.
std::string everything_in(const std::string& database) {
  std::string all;
  if (!is_on_postgres() || !database.starts_with("postgres")) {
    for (const std::string end : {"", "-wal", "-shm", "-journal"}) all += read_file(database + end);
    return all;
  }
  for (const std::string& table :
       column(database, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"))
    for (const std::string& row : column(database, "SELECT t::text FROM " + table + " t")) all += row + "\n";
  return all;
}

class Canaries : public testing::Test {
 protected:
  Canaries() {
    // What breaks on purpose here is no example of what the API answers.
    never_record(sandbox.port());
    secret("the access token", sandbox.ready("/access_token"));
    secret("the refresh token", sandbox.ready("/refresh_token"));
    secret("the API key", sandbox.ready("/api_key/secret_key"));
    secret("the client secret", client_secret());
    secret("the password", sandbox.ready("/user/password"));
    secret("the staging token", sandbox.ready("/staging_token"));
    secret("the webhook secret", sandbox.ready("/webhook_secret"));
    const std::string seed = read_file(sandbox.data_dir() + "/seed");
    secret("the seed", seed.substr(0, seed.find(' ')));
    // As sandbox/seed.cpp makes them of it.
    const auto grown = [&](const char* what) {
      return crypto::hmac_sha256(*crypto::from_base64url(secrets.back().text), what);
    };
    const std::string master_key = grown("master key"), provider_key = grown("provider key").substr(0, 20);
    secret("the master key", master_key);
    secret("the provider's key", "test_" + crypto::to_base32(provider_key));
    secret("a wrong password", wrong_password);
    secret("a chosen password", chosen_password);
    strays = {{"a stray card number", stray_card}, {"a stray marker", stray}, {"a security code", security_code}};
  }

  void secret(const std::string& name, const std::string& text) { secrets.push_back({name, text}); }
  std::string client_id() const { return sandbox.ready("/oauth_client/client_id"); }
  std::string client_secret() const { return sandbox.ready("/oauth_client/client_secret"); }

  static Fields with_strays(Fields fields) {
    const std::string words = stray + " " + stray_card + " " + security_code;
    for (const char* const name : {"User-Agent", "X-Card", "Accept-Language", "X-Request-Id", "traceparent", "Origin"})
      fields.emplace_back(name, words);
    fields.emplace_back("Referer", "https://shop.example/?" + stray_query);
    return fields;
  }
  static std::string with_stray_query(const std::string& target) {
    return target + (has(target, "?") ? "&" : "?") + stray_query;
  }

  // Every answer is held against what all of them must keep to.
  Answer seen(Answer answer, const std::string& what) {
    SCOPED_TRACE(what + " " + answer.head);
    ++statuses[answer.status];
    EXPECT_EQ(found(strays, answer.head), "");
    if (answer.status >= 400) {
      EXPECT_EQ(found(secrets, answer.head + answer.body), "");
      EXPECT_EQ(found(strays, answer.body), "");
    }
    EXPECT_EQ(found(secrets, answer.field("Location") + answer.field("Refresh")), "");
    if (has(answer.field("Content-Type"), "text/html") || !answer.field("Location").empty()) {
      EXPECT_EQ(answer.field("Referrer-Policy"), "no-referrer");
    }
    return answer;
  }
  enum class Query : std::uint8_t { strayed, clean };  // lists refuse a query that they do not know
  Answer tell(Message message, int status, Query query = Query::strayed) {
    if (query == Query::strayed) message.target = with_stray_query(message.target);
    message.fields = with_strays(std::move(message.fields));
    const Answer answer = seen(exchange(sandbox.port(), message), message.method + " " + message.target);
    EXPECT_EQ(answer.status, status) << message.method << " " << message.target << " " << message.body << "\n"
                                     << answer.head << answer.body;
    return answer;
  }
  Answer call(const std::string& method, const std::string& target, const std::string& text, int status,
              const std::string& authorization = "") {
    const std::string who = authorization.empty() ? sandbox.bearer() : authorization;
    Fields fields{{"Authorization", who}, {"Cookie", "card=" + stray_card + "; note=" + stray}};
    if (!text.empty()) fields.emplace_back("Content-Type", "application/json");
    return tell({method, target, fields, text}, status);
  }
  Answer send_form(const std::string& target, const std::string& form, int status, Fields fields = {}) {
    fields.emplace_back("Content-Type", form_type);
    return tell({"POST", target, fields, form + "&" + stray_query}, status);
  }

  void call_the_api();
  void fail_to_authenticate();
  void pay();
  void fill_forms(const Link& link);
  void sign_in_and_out();
  void connect_an_application();
  std::string allow_application(Browser& owner, const std::string& verifier);
  void refuse_rows(const std::string& table, const std::function<void()>& step);
  void break_things();
  void die();

  Sandbox sandbox{{"--log-level", "debug"}};
  Needles secrets, strays;
  std::map<int, int> statuses;
};

void Canaries::call_the_api() {
  const std::string words = quoted(kept + " " + kept_card);
  const Object full = basket.with("items", "[" + item.with("title", words).with("description", words).text() + "]")
                          .with("metadata", "{\"note\":" + words + "}");
  const std::string made = call("POST", links, body(full), 201).body;
  const std::string id = at(made, "/payment_link/id");
  call("POST", links, body(invoice.with("invoice_number", words).with("debitor_name", words)), 201);
  call("GET", links + "/" + id, "", 200);
  call("GET", links + "?page=" + stray_card + stray, "", 400);
  call("GET", links + "/" + stray_card, "", 404);
  call("GET", "/" + stray_card + "/" + stray_card, "", 404);
  call("DELETE", links, "", 405);
  call("POST", links, body(full.with("card_number", quoted(stray_card)).with("cvc", quoted(security_code))), 201);
  const std::string strange = "\"" + stray_card + " " + stray + "\"";
  for (const std::string& text :
       {R"({"payment_link":{"card":")" + stray_card + stray, "{" + strange + ":" + stray_card + ":" + security_code,
        body(basket.with("items", strange)), body(basket.with("potential_payment_methods", "[" + strange + "]")),
        body(basket.with("reusable", strange)), body(basket.with("expiration_date", strange)),
        with_items({item.with("vat_rate", strange)}), with_items({item.with("quantity", stray_card + ".5e999")}),
        with_items({item.with("unit_price", price(stray_card, stray))}), with_items({item.with("title", stray_card)}),
        body(invoice.with("invoice_id", strange))})
    call("POST", links, text, 400);
  const Fields key{{"Authorization", sandbox.bearer()},
                   {"Content-Type", "application/json"},
                   {"Idempotency-Key", "key " + stray + stray_card}};
  tell({"POST", links, key, body(basket)}, 201);
  tell({"POST", links, key, body(basket)}, 201);
  tell({"POST", links, key, body(invoice)}, 422);
  tell({"POST", links, {{"Authorization", sandbox.bearer()}, {"Content-Type", "text/" + stray}}, body(basket)}, 415);
  call("PATCH", links + "/" + id + "/deactivate", "", 200);
  call("POST", links + "/connections", R"({"callback_url":"https://shop.example/?)" + stray_query + "\"}", 400);
}

void Canaries::fail_to_authenticate() {
  const std::string login = sandbox.ready("/api_key/login"), key = sandbox.ready("/api_key/secret_key");
  const std::string token = sandbox.ready("/access_token"), password = sandbox.ready("/user/password");
  tell({"GET", links, {{"Authorization", login + ":" + key}}}, 200, Query::clean);
  for (const std::string& refused :
       {login + ":" + token, login + "x:" + key, "Bearer " + key, token, "Bearer " + sandbox.ready("/refresh_token"),
        "Basic " + crypto::to_base64url(login + ":" + password), "Bearer " + stray + stray_card,
        stray + ":" + stray_card})
    call("GET", links, "", 401, refused);
  call("GET", links + "?access_token=" + token + "&api_key=" + key, "", 401, "none");
  for (const std::string& staging : {stray + stray_card, sandbox.ready("/staging_token")})
    tell({"GET", links, {{"Authorization", sandbox.bearer()}, {"X-Qonto-Staging-Token", staging}}, ""},
         staging == sandbox.ready("/staging_token") ? 200 : 401, Query::clean);
  const Ended made = operate(sandbox, {"keys", "create", "--name", kept, "--scope", "payment_link.create"});
  const std::string narrow = at(made.out, "/secret_key");
  secret("another API key", narrow);
  EXPECT_EQ(found(secrets, made.err), "");
  call("GET", links, "", 403, login + ":" + narrow);
}

void Canaries::pay() {
  const Link link = create(sandbox, body(basket.with("reusable", "true")));
  const Payer payer(sandbox);
  const std::string email = kept_card + "@example.com";
  const auto send = [&](const std::string& answers, int status) {
    return send_form(link.target, "token=" + hidden(payer.open(link), "token") + "&" + answers, status);
  };
  const std::string card = "&card_number=" + stray_card + "&cvc=" + security_code;
  send("email=" + encoded(email) + card, 422);
  send("method=" + stray + "&email=nobody", 422);
  std::string back;
  const Address provider = payer.go_to_provider(send("method=credit_card&email=" + encoded(email) + card, 303), back);
  seen(payer.look(sandbox.port(), with_stray_query(back)), back);
  payer.look(provider.port, provider.target + "?" + stray_query);
  exchange(provider.port, {.target = "/v2/payments/" + stray_card + "?" + stray_query, .fields = with_strays({})});
  const auto type_card = [&](const std::string& cvc, const std::string& holder) {
    return seen(
        payer.send_form(provider.port, provider.target + "/card",
                        "number=" + stray_card + "&expiry=12%2F40&cvc=" + cvc + "&holder=" + holder, with_strays({})),
        "the provider's form");
  };
  EXPECT_EQ(type_card(security_code, stray_card).status, 422);
  EXPECT_EQ(type_card("737", "Ada").status, 303) << "a card of which the bank asks";
  payer.look(provider.port, provider.target + "/challenge");
  seen(payer.decide(provider, "paid"), "home");
  send_form("/notifications/mollie/" + back.substr(back.rfind('/') + 1), "id=" + stray + stray_card, 200);
  send_form("/notifications/mollie/x", "id=" + stray, 200);
  call("POST", "/sandbox/payments", R"({"payment_link_id":")" + link.id + "\",\"payment_method\":\"" + stray + "\"}",
       400);
  call("POST", "/sandbox/payments/" + stray_card, R"({"outcome":")" + stray + "\"}", 404);
  fill_forms(link);
}

// Forms that come from nowhere.
void Canaries::fill_forms(const Link& link) {
  send_form(link.target, "token=" + stray, 400);
  for (const std::string target : {"/sign-in", "/sign-out", "/account/password", "/account/confirm"})
    send_form(target, "token=" + stray + "&password=" + wrong_password, target == "/sign-in" ? 403 : 303);
  send_form("/sandbox/clock", "advance=" + stray, 415);
}

void Canaries::sign_in_and_out() {
  const std::string email = sandbox.ready("/user/email"), password = sandbox.ready("/user/password");
  for (int i = 0; i < 11; ++i) {
    Browser stranger(sandbox);
    const Answer answer = seen(stranger.sign_in("victim@example.com", wrong_password), "a wrong password");
    EXPECT_EQ(answer.status, i < 10 ? 422 : 429);
  }
  Browser owner(sandbox);
  EXPECT_EQ(seen(owner.sign_in(email, wrong_password), "another").status, 422);
  EXPECT_EQ(seen(owner.sign_in(email, password), "the right one").status, 303);
  secret("a session", owner.cookies["paylink_session"]);
  secret("a browser", owner.cookies["paylink_browser"]);
  const auto change = [&](const std::string& current, const std::string& chosen, int status) {
    const std::string token = form_token(owner.look("/account/password"), "/account/password");
    const std::string form = "token=" + token + "&current=" + encoded(current) + "&new=" + encoded(chosen) +
                             "&again=" + encoded(chosen) + "&" + stray_query;
    const Answer answer = seen(owner.send("/account/password?" + stray_query, form, with_strays({})), "a change");
    EXPECT_EQ(answer.status, status) << answer.body;
    secret("a form's token", token);
  };
  change(password, "short", 422);
  change(wrong_password, chosen_password, 422);
  change(password, chosen_password, 303);
  secret("a session's next word", owner.cookies["paylink_session"]);
  seen(owner.look("/account?" + stray_query), "the account");
  owner.send("/sign-out", "token=" + form_token(owner.look("/account"), "/sign-out"));
}

// The code that the application is given.
std::string Canaries::allow_application(Browser& owner, const std::string& verifier) {
  const std::string target =
      "/oauth2/auth?response_type=code&client_id=" + client_id() +
      "&redirect_uri=" + encoded(sandbox.ready("/oauth_client/redirect_uri")) +
      "&scope=offline_access%20payment_link.read&state=" + kept +
      "&code_challenge_method=S256&code_challenge=" + crypto::to_base64url(crypto::sha256(verifier));
  const Answer page = seen(owner.look(target), "the consent");
  const std::size_t action = page.body.find("action=\"/oauth2/auth") + 8;
  std::string path = page.body.substr(action, page.body.find('"', action) - action);
  for (std::size_t at = 0; (at = path.find("&amp;", at)) != std::string::npos; ++at) path.erase(at + 1, 4);
  const Answer allowed =
      owner.send(path, "token=" + encoded(hidden(page, "token")) + "&decision=approve&" + stray_query);
  const std::string onward = allowed.field("Location") + allowed.field("Refresh");
  const std::size_t code = onward.find("code=") + 5;
  EXPECT_GE(code, 5U) << path << allowed.status << allowed.head << allowed.body;
  return onward.substr(code, onward.find('&', code) - code);
}

void Canaries::connect_an_application() {
  Browser owner(sandbox);
  ASSERT_EQ(owner.sign_in(sandbox.ready("/user/email"), chosen_password).status, 303);
  secret("a second session", owner.cookies["paylink_session"]);
  const std::string verifier = "VERIFIER-CANARY-" + repeated(43, "v");
  const std::string code = allow_application(owner, verifier);
  secret("a code", code);
  secret("its verifier", verifier);
  const std::string who = "client_id=" + client_id() + "&client_secret=" + encoded(client_secret());
  const std::string uri = "&redirect_uri=" + encoded(sandbox.ready("/oauth_client/redirect_uri"));
  const std::string redeem = "&grant_type=authorization_code&code=" + code + uri + "&code_verifier=";
  send_form("/oauth2/token", who + "x" + redeem + verifier, 401);
  send_form("/oauth2/token", who + redeem + repeated(43, "w"), 400);
  send_form("/oauth2/token?" + who, redeem + verifier, 401);
  send_form("/oauth2/token", redeem + verifier, 401, {{"Authorization", "Basic " + stray}});
  const Answer issued = send_form("/oauth2/token", who + redeem + verifier, 200);
  const std::string access = at(issued.body, "/access_token"), refresh = at(issued.body, "/refresh_token");
  secret("a new access token", access);
  secret("a new refresh token", refresh);
  tell({"GET", links, {{"Authorization", "Bearer " + access}}}, 200, Query::clean);
  const std::string exchange_it = who + "&grant_type=refresh_token&refresh_token=" + refresh;
  const Answer again = send_form("/oauth2/token", exchange_it, 200);
  secret("a third access token", at(again.body, "/access_token"));
  secret("a third refresh token", at(again.body, "/refresh_token"));
  send_form("/oauth2/token", exchange_it, 400);
  send_form("/oauth2/token", who + redeem + verifier, 400);
  send_form("/oauth2/revoke", who + "&token=" + at(again.body, "/access_token"), 200);
  tell({.target = "/oauth2/auth?client_id=" + stray + "&redirect_uri=" + stray_card}, 400);
  owner.look("/oauth2/auth?client_id=" + client_id() + uri + "&" + stray_query);
}

// No row can be added to the table while `step` is done.
void Canaries::refuse_rows(const std::string& table, const std::function<void()>& step) {
  const std::string change = "ALTER TABLE " + table;
  if (is_on_postgres())
    execute(sandbox.database(), change + " ADD CONSTRAINT never CHECK (created_at < 0) NOT VALID");
  else
    execute(sandbox.database(),
            "CREATE TRIGGER never BEFORE INSERT ON " + table + " BEGIN SELECT RAISE(ABORT, 'never'); END");
  step();
  execute(sandbox.database(), is_on_postgres() ? change + " DROP CONSTRAINT never" : "DROP TRIGGER never");
}

// The storage refuses a row, and of what is in it PostgreSQL would tell all; a table is gone; then it is busy.
void Canaries::break_things() {
  const std::string database = sandbox.database();
  const std::string words = quoted(kept + " " + kept_card + " never stored");
  const std::string refused = body(basket.with("items", "[" + item.with("title", words).text() + "]"));
  refuse_rows("payment_links", [&] { call("POST", links, refused, 500); });
  execute(database, "ALTER TABLE bank_accounts RENAME TO elsewhere");
  tell({"GET", "/v2/bank_accounts", {{"Authorization", sandbox.bearer()}}}, 500, Query::clean);
  execute(database, "ALTER TABLE elsewhere RENAME TO bank_accounts");
  refuse_rows("sessions", [&] {
    Browser browser(sandbox);
    const Answer page = browser.look("/sign-in");
    const std::string form = "token=" + hidden(page, "token") + "&email=" + encoded(sandbox.ready("/user/email")) +
                             "&password=" + encoded(chosen_password);
    const Answer answer = browser.send("/sign-in", form, {{"User-Agent", kept + " " + kept_card}});
    EXPECT_EQ(seen(answer, "a session that cannot be stored").status, 500);
  });
  if (is_on_postgres()) return;  // there whoever waits for a lock may do so longer than a test should
  const Stall stall(database);
  call("POST", links, refused, 503);
}

// As a bug would end it, where whoever started it has asked for core files.
void Canaries::die() {
  const pid_t pid = std::atoi(sandbox.ready("/pid").c_str());
  std::ifstream limits("/proc/" + std::to_string(pid) + "/limits");
  const std::string name = "Max core file size";
  std::string line, soft, hard;
  while (std::getline(limits, line) && !line.starts_with(name)) continue;
  std::istringstream(line.substr(std::min(name.size(), line.size()))) >> soft >> hard;
  EXPECT_EQ(soft + " " + hard, "0 0");
  // Even so the memory stays private (prctl(2), PR_SET_DUMPABLE). Only root may lift the limit.
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (::prlimit(pid, RLIMIT_CORE, &unlimited, nullptr) != 0) {
    EXPECT_EQ(errno, EPERM);
  }
  sandbox.process().signal(SIGABRT);
  EXPECT_EQ(sandbox.process().wait(), 128 + SIGABRT);
  EXPECT_FALSE(sandbox.process().has_dumped_core());
}

TEST_F(Canaries, AreFoundNowhere) {
  call_the_api();
  fail_to_authenticate();
  pay();
  sign_in_and_out();
  connect_an_application();
  break_things();
  for (const int status : {400, 401, 403, 404, 405, 415, 422, 429, 500, is_on_postgres() ? 500 : 503})
    EXPECT_GT(statuses[status], 0) << status;
  die();

  const std::string log = sandbox.process().err(), stored = everything_in(sandbox.database());
  const std::string simulated = everything_in(sandbox.data_dir() + "/simulator.db");
  const std::string copy = sandbox.place().file("copy.db");
  const Ended moved = run({"migrate", "--from", is_on_postgres() ? sandbox.database() : "sqlite:" + sandbox.database(),
                           "--to", "sqlite:" + copy});
  EXPECT_EQ(moved.status, 0) << moved.err;

  const Needles kept_words{{"a kept marker", kept}, {"a kept card number", kept_card}};
  EXPECT_EQ(found(kept_words, stored), "a kept marker, a kept card number") << "the search finds what is there";
  EXPECT_EQ(found(kept_words, everything_in(copy)), "a kept marker, a kept card number");
  EXPECT_TRUE(has(log, R"("event":"request_failed")") && has(log, R"("event":"simulator_request")"));
  EXPECT_EQ(found(kept_words, log), "");
  EXPECT_EQ(sandbox.process().out(), read_file(sandbox.data_dir() + "/ready.json"));
  for (const Needles& needles : {secrets, strays}) {
    EXPECT_EQ(found(needles, log), "") << "in the log";
    EXPECT_EQ(found(needles, stored), "") << "in the database";
    EXPECT_EQ(found(needles, everything_in(copy)), "") << "in a copy";
    EXPECT_EQ(found(needles, moved.out + moved.err), "") << "told by the copying";
  }
  EXPECT_EQ(found(strays, simulated) + found(secrets, simulated), "") << "at the provider";
}

}  // namespace
}  // namespace paylink::scenario
