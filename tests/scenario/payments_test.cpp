// A link from its creation to the money: design.md 4.

#include <gtest/gtest.h>

#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"

namespace paylink::scenario {
namespace {

const std::string reusable_basket = body(basket.with("reusable", "true"));

class Payments : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    expect_balanced_books(sandbox->database());
    const Ended verified = operate(*sandbox, {"ledger", "verify"});
    EXPECT_EQ(verified.status, 0) << verified.err;
    sandbox.reset();
  }
  static void expect_balanced_books(const std::string& database) {
    EXPECT_EQ(
        column(database, "SELECT currency FROM ledger_entries GROUP BY currency HAVING sum(amount_minor) <> 0").size(),
        0U);
    EXPECT_EQ(column(database,
                     "SELECT 1 FROM ledger_entries GROUP BY movement_id HAVING sum(amount_minor) <> 0 OR count(*) <> 2")
                  .size(),
              0U);
    EXPECT_EQ(value(database, "SELECT count(*) FROM ledger_entries WHERE kind = 'capture'"),
              value(database, "SELECT 2 * count(*) FROM captures"));
    EXPECT_EQ(value(database,
                    "SELECT count(*) FROM (SELECT 1 FROM captures WHERE exclusive = 1 AND kept = 1 "
                    "GROUP BY payment_link_id HAVING count(*) > 1) AS paid_twice"),
              "0");
  }
  static void expect_page(const Link& link, int status, const std::string& phrase) {
    const Answer page = Payer(*sandbox).open(link);
    EXPECT_EQ(page.status, status);
    EXPECT_NE(page.body.find(phrase), std::string::npos) << phrase << " is not in " << page.body;
    EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.field("Cache-Control"), "no-store");
    EXPECT_EQ(page.field("Referrer-Policy"), "no-referrer");
    EXPECT_NE(page.field("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(page.field("Set-Cookie"), "");
  }
  static std::string database() { return sandbox->database(); }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Payments::sandbox;

TEST_F(Payments, EveryOutcomeByEveryMethodInOneCall) {
  struct Case {
    const char* outcome;
    const char* link;
    const char* page;
  };
  const Case cases[] = {{"paid", "paid", "Already paid"},
                        {"failed", "open", "How would you like to pay?"},
                        {"canceled", "open", "How would you like to pay?"},
                        {"expired", "open", "How would you like to pay?"},
                        {"pending", "processing", "Payment in progress"}};
  for (const Case& c : cases)
    for (const char* method : {"credit_card", "apple_pay", "paypal", "ideal"}) {
      SCOPED_TRACE(std::string(c.outcome) + " by " + method);
      const Link link = create(*sandbox, body(basket));
      EXPECT_EQ(settle_in_one_call(*sandbox, link, method, c.outcome), c.outcome);
      EXPECT_EQ(status_of(*sandbox, link), c.link);
      expect_page(link, 200, c.page);
    }
}

TEST_F(Payments, WhatTheOneCallRefuses) {
  const Link link = create(*sandbox, body(basket.with("potential_payment_methods", R"(["paypal"])")));
  settle_in_one_call(*sandbox, link, "ideal", "paid", 400);
  const auto sent = [&](const std::string& text) { return sandbox->post("/sandbox/payments", text); };
  EXPECT_EQ(errors_of(sent("{}")),
            "missing_field /payment_link_id\nmissing_field /payment_method\n"
            "missing_field /debitor_email\nmissing_field /outcome\n");
  EXPECT_EQ(
      errors_of(sent(R"({"payment_link_id":"x","payment_method":"cash","debitor_email":"ada","outcome":"lost"})")),
      "invalid_format /payment_link_id\nnot_in_list /payment_method\ninvalid_format /debitor_email\n"
      "not_in_list /outcome\n");
  const Link unknown{"00000000-0000-7000-8000-000000000000", {}};
  settle_in_one_call(*sandbox, unknown, "paypal", "paid", 404);
  EXPECT_EQ(status_of(*sandbox, link), "open");
  settle_in_one_call(*sandbox, link, "paypal", "paid");
  settle_in_one_call(*sandbox, link, "paypal", "paid", 409);
  EXPECT_EQ(value(database(),
                  "SELECT count(*) FROM attempts a JOIN payment_links l ON l.id = a.payment_link_id "
                  "WHERE l.methods = 'paypal'"),
            "1");
}

// How a payment that has not ended goes on, in a call of its own: for scripts that wait for something.
TEST_F(Payments, APendingOneIsSettledInOneCall) {
  struct Case {
    const char* outcome;
    const char* link;
  };
  const auto settle = [&](const std::string& id, const std::string& outcome) {
    return sandbox->post("/sandbox/payments/" + id, R"({"outcome":")" + outcome + "\"}");
  };
  for (const Case& c :
       {Case{"paid", "paid"}, Case{"failed", "open"}, Case{"canceled", "open"}, Case{"expired", "open"}}) {
    SCOPED_TRACE(c.outcome);
    const Link link = create(*sandbox, body(basket));
    const Answer begun =
        sandbox->post("/sandbox/payments",
                      R"({"payment_link_id":")" + link.id +
                          R"(","payment_method":"ideal","debitor_email":"ada@example.com","outcome":"pending"})");
    ASSERT_EQ(begun.status, 201) << begun.body;
    const std::string id = at(begun.body, "/payment/id");
    check(settle(id, "pending"), {.status = 200, .values = {{"/payment/status", "pending"}}});
    EXPECT_EQ(status_of(*sandbox, link), "processing");
    check(settle(id, c.outcome), {.status = 200,
                                  .values = {{"/payment/id", id},
                                             {"/payment/status", c.outcome},
                                             {"/payment/payment_link_id", link.id},
                                             {"/payment/payment_method", "ideal"}}});
    EXPECT_EQ(status_of(*sandbox, link), c.link);
    check(settle(id, "paid"),
          {.status = 400, .errors = "invalid_status\n", .says = {"This payment is " + std::string(c.outcome) + "."}});
    EXPECT_EQ(status_of(*sandbox, link), c.link);
  }
}

TEST_F(Payments, AnOpenOneIsSettledInOneCallAndOthersAreRefused) {
  const Link link = create(*sandbox, body(basket));
  const Payer payer(*sandbox);
  ASSERT_EQ(payer.submit(link, payer.open(link)).status, 303);
  const std::string listed = sandbox->get("/v2/payment_links/" + link.id + "/payments").body;
  const std::string target = "/sandbox/payments/" + at(listed, "/payments/0/id");
  EXPECT_EQ(at(listed, "/payments/0/status"), "open");
  const auto refused = [&](const char* name, const std::string& where, const std::string& text, int status,
                           const std::string& errors) {
    return Scenario{.name = name, .method = "POST", .target = where, .body = text, .status = status, .errors = errors};
  };
  play(*sandbox, {refused("no outcome", target, "{}", 400, "missing_field /outcome\n"),
                  refused("no such outcome", target, R"({"outcome":"lost"})", 400, "not_in_list /outcome\n"),
                  refused("a number", target, R"({"outcome":1})", 400, "invalid_type /outcome\n"),
                  refused("no JSON", target, "", 400, "malformed_json\n"),
                  refused("no id", "/sandbox/payments/x", R"({"outcome":"paid"})", 404, "not_found\n"),
                  refused("a link's id", "/sandbox/payments/" + link.id, R"({"outcome":"paid"})", 404, "not_found\n"),
                  {.name = "another method", .target = target, .status = 405, .answer_fields = {{"Allow", "POST"}}},
                  {.name = "paid",
                   .method = "POST",
                   .target = target,
                   .body = R"({"outcome":"paid"})",
                   .status = 200,
                   .values = {{"/payment/status", "paid"}}}});
  EXPECT_EQ(status_of(*sandbox, link), "paid");
}

TEST_F(Payments, ADeclinedLinkCanBePaidAndAPaidOneCannot) {
  const Link link = create(*sandbox, body(basket));
  settle_in_one_call(*sandbox, link, "credit_card", "failed");
  settle_in_one_call(*sandbox, link, "paypal", "canceled");
  settle_in_one_call(*sandbox, link, "ideal", "paid");
  settle_in_one_call(*sandbox, link, "ideal", "paid", 409);
  EXPECT_EQ(status_of(*sandbox, link), "paid");
  const Link again = create(*sandbox, reusable_basket);
  for (const char* method : {"ideal", "credit_card"}) {
    settle_in_one_call(*sandbox, again, method, "paid");
    EXPECT_EQ(status_of(*sandbox, again), "open");
  }
  expect_page(again, 200, "How would you like to pay?");
}

TEST_F(Payments, APageForEachAddress) {
  const Link link = create(*sandbox, body(basket)), other = create(*sandbox, body(invoice));
  expect_page(link, 200, "Pay €13.30 to Acme Sandbox");
  expect_page(other, 200, "INV-12345");
  const std::string unknown =
      Payer(*sandbox)
          .open({"", link.target.substr(0, link.target.size() - 1) + (link.target.back() == '0' ? "1" : "0")})
          .body;
  const std::string organization = sandbox->ready("/organization/id");
  for (const std::string& target :
       {"/" + organization, "/" + organization + "?resource_id=x", "/nothing" + link.target.substr(37),
        "/00000000-0000-7000-8000-000000000000" + link.target.substr(37),
        "/" + organization + "?resource_id=" + link.id}) {
    SCOPED_TRACE(target);
    expect_page({"", target}, 404, "Page not found");
    EXPECT_EQ(Payer(*sandbox).open({"", target}).body, unknown);
  }
  expect_page({"", "/a/x"}, 404, "Page not found");
  expect_page({"", "/a/" + repeated(43, "A")}, 404, "Page not found");
}

TEST_F(Payments, ByHandFromThePageToTheReceipt) {
  struct Case {
    const char* outcome;
    const char* link;
    const char* heading;
  };
  const Case cases[] = {{"failed", "open", "Payment declined"},
                        {"canceled", "open", "Payment canceled"},
                        {"expired", "open", "Payment not completed"},
                        {"pending", "processing", "Payment in progress"},
                        {"paid", "paid", "Payment received"}};
  const Payer payer(*sandbox);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.outcome);
    const Link link = create(*sandbox, body(basket));
    std::string back;
    const Address provider = payer.go_to_provider(payer.submit(link, payer.open(link)), back);
    EXPECT_EQ(provider.port, port_of(sandbox->ready("/simulator_url")));
    const Answer there = payer.look(provider.port, provider.target);
    EXPECT_NE(there.body.find("TEST"), std::string::npos);
    EXPECT_NE(there.body.find("€13.30"), std::string::npos);
    EXPECT_EQ(status_of(*sandbox, link), "open");
    const Answer home = payer.decide(provider, c.outcome);
    EXPECT_EQ(home.status, 200);
    EXPECT_NE(home.body.find(c.heading), std::string::npos) << home.body;
    EXPECT_EQ(status_of(*sandbox, link), c.link);
    // Whoever has the link's address learns nothing of the payer.
    EXPECT_EQ(payer.open(link).body.find("ada@example.com"), std::string::npos);
    if (std::string(c.outcome) == "paid") {
      EXPECT_NE(home.body.find("a…@example.com"), std::string::npos);
    }
    // Nor does whoever finishes what another began, and is sent to that one's page by the provider.
    EXPECT_EQ(home.body.find("ada@example.com"), std::string::npos);
    EXPECT_EQ(payer.look(sandbox->port(), back).body, home.body);
  }
}

// Pages of what is not decided load themselves again, ten times.
TEST_F(Payments, PagesThatWaitComeToAnEnd) {
  const Link link = create(*sandbox, body(basket));
  const Payer payer(*sandbox);
  std::string page;
  payer.decide(payer.go_to_provider(payer.submit(link, payer.open(link)), page), "pending");
  for (const auto& [address, first] :
       {std::pair(page, std::string("3; url=?reloads=")),
        std::pair(link.target, "10; url=" + link.target.substr(link.target.find('?')) + "&reloads=")}) {
    const std::string target = address;
    SCOPED_TRACE(target);
    EXPECT_EQ(payer.look(sandbox->port(), target).field("Refresh"), first + "1");
    const auto after = [&](const std::string& count) {
      return payer.look(sandbox->port(),
                        target + (target.find('?') == std::string::npos ? "?" : "&") + "reloads=" + count);
    };
    EXPECT_EQ(after("9").field("Refresh"), first + "10");
    for (const char* nonsense : {"", "-1", "x", "99999999999999999999"})
      EXPECT_EQ(after(nonsense).field("Refresh"), first + "1") << nonsense;
    for (const char* last : {"10", "11"}) {
      EXPECT_EQ(after(last).field("Refresh"), "");
      EXPECT_NE(after(last).body.find(">Check again</a>"), std::string::npos);
    }
  }
}

TEST_F(Payments, OneFormSentTwiceIsOneAttempt) {
  const Payer payer(*sandbox);
  const Link link = create(*sandbox, reusable_basket);
  const Answer page = payer.open(link);
  const std::string form = "token=" + hidden(page, "token") + "&email=ada%40example.com&method=paypal";
  const Message message{"POST", link.target, {{"Content-Type", "application/x-www-form-urlencoded"}}, form};
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 5; ++i) connections.push_back(std::make_unique<Connection>(sandbox->port()));
  for (const auto& connection : connections) connection->send(wire(message, sandbox->port()));
  std::vector<std::string> places;
  for (const auto& connection : connections) {
    const auto answer = connection->receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 303);
    places.push_back(answer->field("Location"));
  }
  places.push_back(exchange(sandbox->port(), message).field("Location"));
  for (const std::string& place : places) EXPECT_EQ(place, places.front());
  const std::string of_link = " FROM attempts WHERE payment_link_id = " + id_literal(link.id);
  EXPECT_EQ(value(database(), "SELECT count(*)" + of_link), "1");
  EXPECT_EQ(
      value(sandbox->data_dir() + "/simulator.db", "SELECT count(*) FROM payments WHERE id = '" +
                                                       value(database(), "SELECT provider_payment_id" + of_link) + "'"),
      "1");
}

TEST_F(Payments, TwoBrowsersPayAndOneCaptureIsKept) {
  const Payer payer(*sandbox);
  Link link;
  Answer late;
  // The reconciler cancels the first attempt at the provider within half a second of its being given up; here the payer
  // is quicker. Should the machine be so slow that it is not, another link is tried.
  for (int tries = 0; tries < 5 && late.status != 200; ++tries) {
    link = create(*sandbox, body(basket));
    const Answer first_page = payer.open(link), second_page = payer.open(link);
    std::string first_back, second_back;
    const Address first = payer.go_to_provider(payer.submit(link, first_page), first_back);
    const Answer notice = payer.submit(link, second_page);
    EXPECT_EQ(notice.status, 200);
    EXPECT_NE(notice.body.find("A payment was already begun"), std::string::npos);
    EXPECT_NE(notice.body.find("Continue the payment"), std::string::npos);
    EXPECT_EQ(hidden(notice, "start_over"), "1");
    const Address second = payer.go_to_provider(payer.submit(link, notice, "&start_over=1"), second_back);
    if (payer.send_form(first.port, first.target, "outcome=paid").status != 303) continue;
    EXPECT_EQ(payer.decide(second, "paid").status, 200);
    late = payer.look(sandbox->port(), first_back);
    const Answer other = payer.look(sandbox->port(), second_back);
    const int going_back = (late.body.find("Your money is on its way back") != std::string::npos) +
                           (other.body.find("Your money is on its way back") != std::string::npos);
    const int received = (late.body.find("Payment received") != std::string::npos) +
                         (other.body.find("Payment received") != std::string::npos);
    EXPECT_EQ(going_back, 1);
    EXPECT_EQ(received, 1);
  }
  ASSERT_EQ(late.status, 200);
  EXPECT_EQ(status_of(*sandbox, link), "paid");
  const std::string of_link = " FROM captures WHERE payment_link_id = " + id_literal(link.id);
  EXPECT_EQ(value(database(), "SELECT count(*)" + of_link + " AND kept = 1"), "1");
  EXPECT_EQ(value(database(), "SELECT count(*)" + of_link + " AND kept = 0"), "1");
  const std::string refund = " FROM refunds WHERE attempt_id = (SELECT attempt_id" + of_link + " AND kept = 0)";
  EXPECT_TRUE(eventually([&] {
    sandbox->post("/sandbox/clock", R"({"advance":"30s"})");
    return value(database(), "SELECT state" + refund) == "refunded";
  })) << value(database(), "SELECT state" + refund);
  EXPECT_EQ(value(database(), "SELECT amount_minor" + refund), "1330");
  EXPECT_EQ(value(database(), "SELECT count(*)" + refund), "1");
  EXPECT_EQ(status_of(*sandbox, link), "paid");
  EXPECT_EQ(value(sandbox->data_dir() + "/simulator.db", "SELECT count(*) FROM refunds WHERE status = 'refunded'"),
            "1");
  EXPECT_EQ(value(database(), "SELECT count(*) FROM ledger_entries WHERE kind = 'refund'"), "2");
}

TEST_F(Payments, FormsThatAreNotTaken) {
  const Payer payer(*sandbox);
  const Link link = create(*sandbox, body(basket.with("potential_payment_methods", R"(["credit_card","paypal"])")));
  const Link other = create(*sandbox, body(basket));
  const std::string token = hidden(payer.open(link), "token");
  std::string forged = token;
  forged[5] = forged[5] == 'A' ? 'B' : 'A';
  const std::string good = "token=" + token + "&email=ada%40example.com&method=paypal";
  struct Case {
    const char* name;
    std::string form;
    Fields fields;
    int status;
    const char* phrase;
  };
  const std::string rest = "&email=ada%40example.com&method=paypal";
  const Case cases[] = {
      {"from another site", good, {{"Sec-Fetch-Site", "cross-site"}}, 403, "not started from our own page"},
      {"from a neighbour", good, {{"Sec-Fetch-Site", "same-site"}}, 403, "not started from our own page"},
      {"no token", rest, {}, 400, "open for too long"},
      {"forged token", "token=" + forged + rest, {}, 400, "open for too long"},
      {"another link's token", "token=" + hidden(payer.open(other), "token") + rest, {}, 400, "open for too long"},
      {"no form at all", "%zz", {}, 400, "open for too long"},
      {"no e-mail", "token=" + token + "&method=paypal", {}, 422, "Enter your e-mail address."},
      {"bad e-mail", "token=" + token + "&email=ada&method=paypal", {}, 422, "Enter an e-mail address like"},
      {"script as e-mail",
       "token=" + token + "&email=%22%3E%3Cscript%3E&method=paypal",
       {},
       422,
       "&quot;&gt;&lt;script&gt;"},
      {"no method", "token=" + token + "&email=ada%40example.com", {}, 422, "Choose how you would like to pay."},
      {"unknown method",
       "token=" + token + "&email=ada%40example.com&method=cash",
       {},
       422,
       "Choose how you would like to pay."},
      {"a method the link has not",
       "token=" + token + "&email=ada%40example.com&method=ideal",
       {},
       422,
       "Choose one of the payment methods shown."},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Answer answer = payer.send_form(sandbox->port(), link.target, c.form, c.fields);
    EXPECT_EQ(answer.status, c.status);
    EXPECT_NE(answer.body.find(c.phrase), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("<script"), std::string::npos);
  }
  EXPECT_EQ(status_of(*sandbox, link), "open");
  EXPECT_EQ(payer.send_form(sandbox->port(), link.target, good, {{"Sec-Fetch-Site", "same-origin"}}).status, 303);
  EXPECT_EQ(payer.send_form(sandbox->port(), link.target.substr(0, 37) + "?resource_id=x", good).status, 404);
}

TEST_F(Payments, ANotificationIsAHintOnly) {
  const Payer payer(*sandbox);
  const auto notify = [&](const std::string& word) {
    return payer.send_form(sandbox->port(), "/notifications/mollie/" + word, "id=tr_x").status;
  };
  EXPECT_EQ(notify("x"), 200);
  EXPECT_EQ(notify(repeated(43, "A")), 200);
  const Link link = create(*sandbox, body(basket));
  std::string back;
  payer.go_to_provider(payer.submit(link, payer.open(link)), back);
  EXPECT_EQ(notify(back.substr(3)), 200);
  EXPECT_EQ(status_of(*sandbox, link), "open");
  expect_page({"", back}, 200, "Payment not finished");
}

// The provider tells of what nobody looks at: the payer never comes back, and the link is paid all the same.
TEST_F(Payments, APayerWhoNeverComesBackHasPaid) {
  const Payer payer(*sandbox);
  const Link link = create(*sandbox, body(basket));
  std::string back;
  const Address provider = payer.go_to_provider(payer.submit(link, payer.open(link)), back);
  EXPECT_EQ(payer.send_form(provider.port, provider.target, "outcome=paid").status, 303);
  EXPECT_TRUE(eventually([&] { return status_of(*sandbox, link) == "paid"; }));
}

TEST(PaymentsInTime, LinksExpireAndWhatWasBegunInTimeCounts) {
  Sandbox sandbox;
  const Payer payer(sandbox);
  const Link open = create(sandbox, body(basket)), paid = create(sandbox, body(basket));
  const Link again = create(sandbox, reusable_basket), begun = create(sandbox, body(basket));
  settle_in_one_call(sandbox, paid, "ideal", "paid");
  settle_in_one_call(sandbox, again, "ideal", "paid");
  std::string back;
  const Address provider = payer.go_to_provider(payer.submit(begun, payer.open(begun)), back);
  EXPECT_EQ(payer.decide(provider, "pending").status, 200);
  const Answer old_page = payer.open(open);
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"3h"})").status, 200);
  EXPECT_EQ(payer.submit(open, old_page).status, 400);
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"9000h"})").status, 200);
  EXPECT_EQ(status_of(sandbox, open), "expired");
  EXPECT_EQ(status_of(sandbox, again), "expired");
  EXPECT_EQ(status_of(sandbox, paid), "paid");
  EXPECT_EQ(status_of(sandbox, begun), "processing");
  EXPECT_NE(payer.open(open).body.find("Link expired"), std::string::npos);
  EXPECT_NE(payer.open(paid).body.find("Already paid"), std::string::npos);
  settle_in_one_call(sandbox, open, "ideal", "paid", 409);
  EXPECT_EQ(payer.decide(provider, "paid").status, 200);
  EXPECT_EQ(status_of(sandbox, begun), "paid");
  for (const char* const wrong : {"-1h", "36600d1s"}) {
    const std::string advance = R"({"advance":")" + std::string(wrong) + "\"}";
    check(sandbox.post("/sandbox/clock", advance),
          {.name = wrong, .status = 400, .errors = "invalid_format /advance\n"});
  }
}

TEST(PaymentsInTime, TheClockStaysWithinYearsOfFourDigits) {
  const Sandbox sandbox;
  int steps = 0;
  const auto step = [&] { return sandbox.post("/sandbox/clock", R"({"advance":"36500d"})"); };
  while (steps < 100 && step().status == 200) ++steps;
  EXPECT_LT(steps, 75);
  check(step(), {.status = 400, .errors = "out_of_range /advance\n", .says = {"before 9000-01-01T00:00:00Z"}});
  const Link link = create(sandbox, body(basket));
  EXPECT_EQ(settle_in_one_call(sandbox, link, "ideal", "paid"), "paid");
}

TEST(PaymentsInTime, ARestartKeepsClockDataCredentialsAndPaymentsUnderWay) {
  Sandbox sandbox;
  const Payer payer(sandbox);
  const Link link = create(sandbox, body(basket)), begun = create(sandbox, body(basket));
  settle_in_one_call(sandbox, link, "paypal", "paid");
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"48h"})").status, 200);
  std::string back;
  const Address provider = payer.go_to_provider(payer.submit(begun, payer.open(begun)), back);
  const auto link_json = [&] {
    std::string json = sandbox.get("/v2/payment_links/" + link.id).body;
    const std::string port = ":" + std::to_string(sandbox.port()) + "/";
    for (std::size_t i = json.find(port); i != std::string::npos; i = json.find(port))
      json.replace(i, port.size(), "/");
    return json;
  };
  const std::string before = link_json();
  std::vector<std::string> credentials;
  const std::vector<std::string> names{"/access_token",  "/refresh_token",   "/api_key/secret_key",
                                       "/staging_token", "/organization/id", "/bank_account_id",
                                       "/user/password", "/webhook_secret",  "/oauth_client/client_secret",
                                       "/simulator_url"};
  for (const std::string& name : names) credentials.push_back(sandbox.ready(name));
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start();
  EXPECT_EQ(link_json(), before);
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(sandbox.ready(names[i]), credentials[i]) << names[i];
  EXPECT_EQ(at(sandbox.get("/sandbox/clock").body, "/offset_seconds"), "172800");
  EXPECT_EQ(payer.send_form(provider.port, provider.target, "outcome=paid").status, 303);
  EXPECT_NE(payer.look(sandbox.port(), back).body.find("Payment received"), std::string::npos);
  EXPECT_EQ(status_of(sandbox, begun), "paid");
}

}  // namespace
}  // namespace paylink::scenario
