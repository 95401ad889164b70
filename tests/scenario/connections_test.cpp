// Connecting to the provider: contract.md 1.1; and which methods that makes possible: 1.4.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string connections = "/v2/payment_links/connections";
const std::string methods = "/v2/payment_links/payment_methods";

Object connection_of(const Sandbox& sandbox) {
  return {{"partner_callback_url", R"("https://shop.example.com/settings")"},
          {"user_bank_account_id", quoted(sandbox.ready("/bank_account_id"))},
          {"user_phone_number", R"("+31612345678")"}};
}

std::string word_of(const Answer& answer) {
  const std::string location = at(answer.body, "/connection_location");
  return Address::parse(location).target;
}

std::string enabled(const Answer& answer) {
  std::string names;
  for (int i = 0; i < 4; ++i) {
    const std::string entry = "/payment_link_payment_methods/" + std::to_string(i);
    if (at(answer.body, entry + "/enabled") == "true") names += at(answer.body, entry + "/name") + " ";
  }
  return names;
}

class Connections : public testing::Test {
 protected:
  Connections() : sandbox({"--no-connection"}) {}
  Answer begin(const Object& body) const { return sandbox.post(connections, body.text()); }
  Answer decide(const std::string& word, const std::string& form) const {
    return exchange(sandbox.port(), {.method = "POST",
                                     .target = word,
                                     .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                     .body = form});
  }
  Answer show(const std::string& target) const { return exchange(sandbox.port(), {.target = target}); }
  std::string status() const { return at(sandbox.get(connections).body, "/status"); }

  Sandbox sandbox;
  const Object least = connection_of(sandbox);
};

TEST_F(Connections, GoFromNothingToEnabledToDisabled) {
  check(sandbox.get(connections), {.status = 404, .errors = "not_found\n", .says = {"connection not found"}});
  check(sandbox.post("/v2/payment_links", body(basket)),
        {.status = 400, .errors = "invalid\n", .says = {"connection with the provider does not exist"}});
  const Answer begun = begin(least);
  ASSERT_EQ(begun.status, 201) << begun.body;
  EXPECT_EQ(at(begun.body, "/status"), "pending");
  EXPECT_EQ(at(begun.body, "/bank_account_id"), sandbox.ready("/bank_account_id"));
  const Scenario second{.status = 400, .errors = "multiple_connections_not_allowed\n"};
  check(begin(least), second);
  EXPECT_EQ(sandbox.post("/v2/payment_links", body(basket)).status, 400);  // pending is not enough

  const std::string word = word_of(begun);
  const Answer page = show(word);
  EXPECT_EQ(page.status, 200);
  for (const std::string part :
       {"Acme Sandbox", "FR77 … 0103", "shop.example.com", "<form method=\"post\"",
        "<p class=\"later\"><a href=\"https://shop.example.com/settings\">Decide later</a></p>"})
    EXPECT_NE(page.body.find(part), std::string::npos) << part;
  EXPECT_EQ(page.body.find("FR7716798000010000000000103"), std::string::npos);
  const Answer decided = decide(word, "decision=enable");
  EXPECT_EQ(decided.status, 303);
  const Answer result = show(decided.field("Location"));
  EXPECT_EQ(result.field("Refresh"), "2; url=https://shop.example.com/settings");
  EXPECT_EQ(status(), "enabled");
  EXPECT_EQ(sandbox.post("/v2/payment_links", body(basket)).status, 201);
  check(begin(least), second);
  // Its word was good for one decision.
  EXPECT_EQ(decide(word, "decision=disable").status, 404);
  EXPECT_EQ(show(word).body.find("<form"), std::string::npos);

  const std::string later = word_of(sandbox.get(connections));
  EXPECT_EQ(decide(later, "decision=disable").status, 303);
  EXPECT_EQ(status(), "disabled");
  EXPECT_EQ(sandbox.post("/v2/payment_links", body(basket)).status, 400);
  EXPECT_EQ(begin(least).status, 201);
  EXPECT_EQ(status(), "pending");
  std::string events;
  for (const std::string& payload :
       column(sandbox.database(),
              "SELECT payload FROM outbox_events WHERE type = 'v1/payment-links-connections' ORDER BY created_at, id"))
    events += at(payload, "/event") + "\n";
  EXPECT_EQ(events, "connection_enabled\nconnection_revoked\n");
}

TEST_F(Connections, TakePaymentsOnceTheyAreEnabled) {
  begin(least);
  check(sandbox.post("/sandbox/connections", R"({"status":"enabled"})"),
        {.status = 200, .values = {{"/status", "enabled"}}});
  const Link link = create(sandbox, body(basket));
  EXPECT_EQ(settle_in_one_call(sandbox, link, "ideal", "paid"), "paid");
  check(sandbox.post("/sandbox/connections", R"({"status":"disabled"})"),
        {.status = 200, .values = {{"/status", "disabled"}}});
  check(sandbox.post("/sandbox/connections", R"({"status":"enabled"})"), {.status = 400, .errors = "invalid_status\n"});
}

TEST_F(Connections, SurviveARestartAndReplay) {
  const Fields key = {{"Idempotency-Key", "connect"}};
  const Answer begun = sandbox.post(connections, least.text(), key);
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start({"--no-connection"});
  EXPECT_EQ(status(), "pending");
  const Answer again = sandbox.post(connections, least.text(), key);
  EXPECT_EQ(again.body, begun.body);
  EXPECT_EQ(again.field("Idempotent-Replayed"), "true");
}

TEST_F(Connections, WordsEnd) {
  const std::string word = word_of(begin(least));
  sandbox.post("/sandbox/clock", R"({"advance":"29m"})");
  EXPECT_EQ(show(word).status, 200);
  sandbox.post("/sandbox/clock", R"({"advance":"2m"})");
  EXPECT_EQ(show(word).status, 404);
  EXPECT_EQ(decide(word, "decision=enable").status, 404);
  const std::string fresh = word_of(sandbox.get(connections));
  EXPECT_EQ(show(fresh).status, 200);
  std::string forged = fresh;
  forged[20] = forged[20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(show(forged).status, 404);
  for (const std::string form : {"", "decision=enabled", "decision=enable&decision=enable", "x=enable", "%zz"})
    EXPECT_EQ(decide(fresh, form).status, 400) << form;
  EXPECT_EQ(status(), "pending");
}

TEST_F(Connections, AreBegunWithWhatIsRight) {
  const auto refused = [&](const char* name, const Object& body, const std::string& errors) {
    return Scenario{
        .name = name, .method = "POST", .target = connections, .body = body.text(), .status = 400, .errors = errors};
  };
  const auto callback = [&](const std::string& url) { return least.with("partner_callback_url", quoted(url)); };
  const auto phone = [&](const std::string& number) { return least.with("user_phone_number", quoted(number)); };
  const auto website = [&](const std::string& url) { return least.with("user_website_url", quoted(url)); };
  const auto description = [&](std::size_t length) {
    return least.with("business_description", quoted(repeated(length, "é")));
  };
  const std::string bad_callback = "invalid_format /partner_callback_url\n",
                    bad_phone = "invalid_format /user_phone_number\n";
  const std::string bad_website = "invalid_format /user_website_url\n";
  play(
      sandbox,
      {refused("nothing", {},
               "missing_field /partner_callback_url\nmissing_field /user_bank_account_id\n"
               "missing_field /user_phone_number\n"),
       refused("null", least.with("user_phone_number", "null"), "invalid_type /user_phone_number\n"),
       refused("a callback without TLS", callback("http://shop.example.com/"), bad_callback),
       refused("a callback that hides its host", callback("https://shop.example.com@evil.example/"), bad_callback),
       refused("a callback that is none", callback("shop.example.com"), bad_callback),
       refused("a callback at a host that is not the application's", callback("https://evil.example/"),
               "invalid /partner_callback_url\n"),
       refused("a script", callback("javascript:alert(1)"), bad_callback),
       refused("a long callback", callback("https://shop.example.com/" + repeated(2024, "x")),
               "out_of_range /partner_callback_url\n"),
       refused("no account", least.with("user_bank_account_id", R"("main")"), "invalid_format /user_bank_account_id\n"),
       refused("somebody else's account",
               least.with("user_bank_account_id", R"("01900000-0000-7000-8000-000000000000")"),
               "invalid /user_bank_account_id\n"),
       refused("a number without its country", phone("0612345678"), bad_phone),
       refused("six digits", phone("+316123"), bad_phone),
       refused("sixteen digits", phone("+3161234567890123"), bad_phone),
       refused("a number with spaces", phone("+31 6 12345678"), bad_phone),
       refused("a country of 0", phone("+0612345678"), bad_phone),
       refused("79 characters", description(79), "out_of_range /business_description\n"),
       refused("2001 characters", description(2001), "out_of_range /business_description\n"),
       refused("a control character", least.with("business_description", quoted(repeated(80, "x") + "\\u0007")),
               "invalid_format /business_description\n"),
       refused("a CR without its LF", least.with("business_description", quoted(repeated(80, "x") + "\\r")),
               "invalid_format /business_description\n"),
       refused("an @", website("https://shop.example.com/@me"), bad_website),
       refused("another scheme", website("ftp://shop.example.com"), bad_website),
       refused("256 characters", website("https://shop.example.com/" + repeated(231, "x")),
               "out_of_range /user_website_url\n"),
       {.name = "a form",
        .method = "POST",
        .target = connections,
        .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
        .body = "a=b",
        .status = 415,
        .errors = "unsupported_media_type\n"}});
  EXPECT_EQ(sandbox.get(connections).status, 404);
}

TEST_F(Connections, OfKeysReturnWhereverTheyLike) {
  const Object elsewhere = least.with("partner_callback_url", R"("https://elsewhere.example/")");
  const Fields key = {{"Authorization", sandbox.api_key()}};
  EXPECT_EQ(sandbox.post(connections, elsewhere.text(), key).status, 201);
}

TEST(ConnectionsAtTheEdge, AreBegun) {
  const auto accepted = [](const std::string& name, const std::string& json) {
    SCOPED_TRACE(name);
    Sandbox sandbox({"--no-connection"});
    const Answer answer = sandbox.post(connections, connection_of(sandbox).with(name, json).text());
    EXPECT_EQ(answer.status, 201) << answer.body;
  };
  accepted("partner_callback_url", R"("http://127.0.0.1:8765/callback")");  // the sandbox alone: http on the loopback
  accepted("partner_callback_url", R"("HTTPS://shop.example.com/")");
  accepted("partner_callback_url", quoted("https://shop.example.com/" + repeated(2023, "x")));
  accepted("user_phone_number", R"("+3161234")");
  accepted("user_phone_number", R"("+316123456789012")");
  accepted("business_description", quoted(repeated(80, "é")));
  accepted("business_description", quoted(repeated(2000, "é")));
  accepted("business_description", quoted(repeated(40, "x\\n\\r\\n\\t")));
  accepted("business_description", "null");
  accepted("user_website_url", quoted("http://shop.example.com/" + repeated(231, "x")));
  accepted("user_website_url", "null");
}

TEST(PaymentMethods, AreWhatTheProviderOffers) {
  Sandbox sandbox;
  const std::string all = "credit_card apple_pay paypal ideal ";
  EXPECT_EQ(enabled(sandbox.get(methods)), all);
  EXPECT_EQ(
      sandbox.get(methods + "?amount=13.30&currency=EUR").body,
      R"({"payment_link_payment_methods":[{"name":"credit_card","enabled":true},{"name":"apple_pay","enabled":true},)"
      R"({"name":"paypal","enabled":true},{"name":"ideal","enabled":true}]})");
  EXPECT_EQ(enabled(sandbox.get(methods + "?amount=13.30&currency=USD")), "credit_card apple_pay paypal ");
  EXPECT_EQ(enabled(sandbox.get(methods + "?amount=8000.01&currency=EUR")), "credit_card apple_pay ideal ");
  EXPECT_EQ(enabled(sandbox.get(methods + "?amount=50000.01&currency=EUR")), "");
  EXPECT_EQ(enabled(sandbox.get(methods + "?locale=nl-NL")), all);
  EXPECT_EQ(enabled(sandbox.get(methods + "?locale=xx_XX")), all);
  EXPECT_EQ(enabled(sandbox.get(methods + "?locale=nl_NL&amount=1&currency=JPY")), "credit_card apple_pay paypal ");
  const auto refused = [](const char* name, const std::string& query, const std::string& errors) {
    return Scenario{.name = name, .target = methods + query, .status = 400, .errors = errors};
  };
  play(sandbox, {refused("no currency", "?amount=1.00", "missing_field currency\n"),
                 refused("no amount", "?currency=EUR", "missing_field amount\n"),
                 refused("no money", "?amount=1.00&currency=EUX", "not_in_list currency\n"),
                 {.name = "small letters",
                  .target = methods + "?amount=1.00&currency=eur",
                  .status = 400,
                  .errors = "not_in_list currency\n",
                  .says = {"in capitals (did you mean EUR?), one of AED, ", ", EUR, ", ", ZWG\""}},
                 {.name = "nobody's letters",
                  .target = methods + "?amount=1.00&currency=euro",
                  .status = 400,
                  .says = {"currency code, one of AED, "},
                  .never = {"did you mean"}},
                 refused("no number", "?amount=1,00&currency=EUR", "invalid_format amount\n"),
                 refused("too many decimals", "?amount=1.001&currency=EUR", "invalid_format amount\n"),
                 refused("nothing", "?amount=0.00&currency=EUR", "out_of_range amount\n"),
                 refused("less than nothing", "?amount=-1.00&currency=EUR", "out_of_range amount\n"),
                 refused("too much", "?amount=1000000000.00&currency=EUR", "out_of_range amount\n"),
                 refused("a language", "?locale=nl", "invalid_format locale\n"),
                 refused("something else", "?page=1", "invalid page\n"),
                 refused("twice", "?amount=1.00&amount=1.00&currency=EUR", "invalid amount\n"),
                 refused("no query", "?%zz", "bad_request\n")});
}

}  // namespace
}  // namespace paylink::scenario
