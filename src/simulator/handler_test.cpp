#include "simulator/handler.hpp"

#include <gtest/gtest.h>

#include "simulator/testing.hpp"

namespace paylink::simulator {
namespace {

using http::Method;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::at;
using testing::key_b;

class SimulatorHandler : public testing::HandlerFixture {};

TEST_F(SimulatorHandler, CreatesAPayment) {
  const auto response = post("/v2/payments", body(R"("creditcard")"));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.content_type, "application/hal+json");
  const std::string& p = response.body;
  EXPECT_EQ(at(p, "resource"), "payment");
  EXPECT_EQ(at(p, "id").substr(0, 3), "tr_");
  EXPECT_EQ(at(p, "id").size(), 13U);
  EXPECT_EQ(at(p, "mode"), "test");
  EXPECT_EQ(at(p, "status"), "open");
  EXPECT_EQ(at(p, "sequenceType"), "oneoff");
  EXPECT_EQ(at(p, "profileId").substr(0, 4), "pfl_");
  EXPECT_EQ(at(p, "amount.value"), "13.30");
  EXPECT_EQ(at(p, "description"), "Order 7");
  EXPECT_EQ(at(p, "method"), "creditcard");
  EXPECT_EQ(at(p, "metadata.attempt"), "x");
  EXPECT_EQ(at(p, "metadata.n.0"), "1");
  EXPECT_EQ(at(p, "metadata.n.1"), "null");
  EXPECT_EQ(at(p, "createdAt"), "2024-03-20T09:00:00+00:00");
  EXPECT_EQ(at(p, "expiresAt"), "2024-03-20T09:30:00+00:00");
  EXPECT_EQ(at(p, "isCancelable"), "true");
  EXPECT_EQ(at(p, "_links.self.href"), "http://127.0.0.1:4000/v2/payments/" + at(p, "id"));
  EXPECT_EQ(at(p, "_links.checkout.type"), "text/html");
  EXPECT_EQ(at(p, "_links.dashboard.type"), "text/html");
  EXPECT_EQ(payment(at(p, "id")), p);
}

TEST_F(SimulatorHandler, RefusesBadPayments) {
  struct Case {
    std::string_view name;
    std::string_view body;
    int status;
    std::string_view field;
  };
  const Case cases[] = {
      {"no JSON", "{", 400, "absent"},
      {"no object", "[]", 400, "absent"},
      {"no amount", R"({"description":"d"})", 422, "amount"},
      {"amount is text", R"({"amount":"1.00"})", 422, "amount"},
      {"amount is a number", R"({"amount":{"currency":"EUR","value":1.00}})", 422, "amount"},
      {"one decimal", R"({"amount":{"currency":"EUR","value":"1.0"}})", 422, "amount"},
      {"nothing to pay", R"({"amount":{"currency":"EUR","value":"0.00"}})", 422, "amount"},
      {"no description", R"({"amount":{"currency":"EUR","value":"1.00"}})", 422, "description"},
      {"no redirectUrl", R"({"amount":{"currency":"EUR","value":"1.00"},"description":"d"})", 422, "redirectUrl"},
      {"script for an address",
       R"({"amount":{"currency":"EUR","value":"1.00"},"description":"d","redirectUrl":"javascript:x"})", 422,
       "redirectUrl"},
      {"unknown method",
       R"({"amount":{"currency":"EUR","value":"1.00"},"description":"d","redirectUrl":"http://a","method":"cash"})",
       422, "method"},
      {"no language",
       R"({"amount":{"currency":"EUR","value":"1.00"},"description":"d","redirectUrl":"http://a","locale":"xx_XX"})",
       422, "locale"},
      {"ideal in dollars",
       R"({"amount":{"currency":"USD","value":"1.00"},"description":"d","redirectUrl":"http://a","method":"ideal"})",
       422, "amount"},
      {"profileId with an API key",
       R"({"amount":{"currency":"EUR","value":"1.00"},"description":"d","redirectUrl":"http://a","profileId":"pfl_1"})",
       422, "profileId"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto response = post("/v2/payments", c.body);
    EXPECT_EQ(response.status, c.status) << response.body;
    EXPECT_EQ(response.content_type, "application/hal+json");
    EXPECT_EQ(at(response.body, "field"), c.field);
    EXPECT_EQ(at(response.body, "status"), std::to_string(c.status));
    EXPECT_EQ(at(response.body, "_links.documentation.type"), "text/html");
  }
  EXPECT_EQ(at(get("/v2/payments").body, "count"), "0");
}

// An integer beyond 64 bits is no JSON that our own reader takes, so a large number keeps its fraction.
TEST_F(SimulatorHandler, GivesBackLargeNumbers) {
  const auto response = post(
      "/v2/payments",
      R"({"amount":{"currency":"EUR","value":"13.30"},"description":"Order 7","redirectUrl":"http://127.0.0.1:1/a",)"
      R"("metadata":[1e20,-1e20,18446744073709551615,0.5]})");
  ASSERT_EQ(response.status, 201) << response.body;
  ASSERT_TRUE(json::Document::parse(response.body)) << response.body;
  EXPECT_EQ(at(response.body, "metadata.0"), "100000000000000000000");
  EXPECT_EQ(at(response.body, "metadata.1"), "-100000000000000000000");
  EXPECT_EQ(at(response.body, "metadata.2"), "18446744073709551615");
  EXPECT_EQ(at(response.body, "metadata.3"), "0.5");
}

TEST_F(SimulatorHandler, CutsALongDescription) {
  std::string long_text;
  for (int i = 0; i < 300; ++i) long_text += "é";
  const auto response =
      post("/v2/payments", R"({"amount":{"currency":"EUR","value":"1.00"},"redirectUrl":"http://a","description":")" +
                               long_text + "\"}");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(at(response.body, "description"), long_text.substr(0, 510));
  EXPECT_EQ(at(response.body, "method"), "null");
}

TEST_F(SimulatorHandler, NeedsATestKey) {
  for (const std::string_view authorization :
       {"", "Bearer ", "Bearer live_aaaaaaaaaaaaaaaaaaaa", "test_aaaaaaaaaaaaaaaaaaaa",
        "Basic test_aaaaaaaaaaaaaaaaaaaa", "Bearer test_short", "Bearer test_aaaaaaaaaaaaaaaa aaaa"}) {
    SCOPED_TRACE(authorization);
    const auto response = send(Method::get, "/v2/payments", "", {.authorization = authorization});
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(at(response.body, "title"), "Unauthorized Request");
  }
  EXPECT_EQ(send(Method::get, "/v2/payments", "", {.authorization = "bearer test_aaaaaaaaaaaaaaaaaaaa"}).status, 200);
}

TEST_F(SimulatorHandler, KeepsTenantsApart) {
  const std::string id = at(create(), "id");
  const Extra other{.authorization = key_b};
  EXPECT_EQ(send(Method::get, "/v2/payments/" + id, "", other).status, 404);
  EXPECT_EQ(send(Method::del, "/v2/payments/" + id, "", other).status, 404);
  EXPECT_EQ(send(Method::post, "/v2/payments/" + id + "/refunds", refund_body("1.00"), other).status, 404);
  EXPECT_EQ(at(send(Method::get, "/v2/payments", "", other).body, "count"), "0");
  EXPECT_EQ(at(payment(id), "status"), "open");
}

TEST_F(SimulatorHandler, AnswersOnceForAKey) {
  const Extra keyed{.idempotency_key = "k1"};
  const auto first = send(Method::post, "/v2/payments", body(R"("ideal")"), keyed);
  const auto again = send(Method::post, "/v2/payments", body(R"("ideal")"), keyed);
  EXPECT_EQ(first.fields.find("Idempotent-Replayed"), std::string::npos);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_NE(again.fields.find("Idempotent-Replayed: true"), std::string::npos);

  EXPECT_EQ(send(Method::post, "/v2/payments", body(R"("paypal")"), keyed).status, 400) << "other parameters";
  EXPECT_EQ(send(Method::post, "/v2/payments/" + at(first.body, "id") + "/refunds", body(R"("ideal")"), keyed).status,
            400)
      << "another endpoint";
  const Extra other{.idempotency_key = "k1", .authorization = key_b};
  EXPECT_NE(at(send(Method::post, "/v2/payments", body(R"("ideal")"), other).body, "id"), at(first.body, "id"))
      << "another tenant";
  restart();
  EXPECT_EQ(send(Method::post, "/v2/payments", body(R"("ideal")"), keyed).body, first.body) << "after a restart";

  clock.advance(std::chrono::hours(24));
  EXPECT_NE(at(send(Method::post, "/v2/payments", body(R"("ideal")"), keyed).body, "id"), at(first.body, "id"))
      << "a day later";
}

TEST_F(SimulatorHandler, KeepsNoRefusalForAKey) {
  const Extra keyed{.idempotency_key = "k1"};
  EXPECT_EQ(send(Method::post, "/v2/payments", "{}", keyed).status, 422);
  EXPECT_EQ(send(Method::post, "/v2/payments", body("null"), keyed).status, 201);
}

TEST_F(SimulatorHandler, CancelsWhereTheMethodAllows) {
  struct Case {
    std::string_view method;
    int status;
  };
  for (const Case& c : {Case{R"("creditcard")", 200}, Case{R"("applepay")", 200}, Case{R"(["applepay"])", 200},
                        Case{R"("paypal")", 422}, Case{R"("ideal")", 422}}) {
    SCOPED_TRACE(c.method);
    const std::string created = create(c.method);
    EXPECT_EQ(at(created, "isCancelable"), c.status == 200 ? "true" : "false");
    const auto response = cancel(at(created, "id"));
    EXPECT_EQ(response.status, c.status);
    if (c.status != 200) continue;
    EXPECT_EQ(at(response.body, "status"), "canceled");
    EXPECT_EQ(at(response.body, "canceledAt"), "2024-03-20T09:00:00+00:00");
    EXPECT_EQ(at(response.body, "isCancelable"), "absent");
    EXPECT_EQ(at(response.body, "expiresAt"), "absent");
    EXPECT_EQ(at(response.body, "_links.checkout"), "absent");
    EXPECT_EQ(cancel(at(created, "id")).status, 422) << "twice";
  }
  EXPECT_EQ(cancel("tr_unknown").status, 404);
}

TEST_F(SimulatorHandler, ExpiresByTheClock) {
  struct Case {
    std::string_view method;
    minutes lifetime;
  };
  for (const Case& c : {Case{R"("ideal")", minutes(15)}, Case{R"("creditcard")", minutes(30)},
                        Case{R"("applepay")", minutes(30)}, Case{R"("paypal")", minutes(180)}}) {
    SCOPED_TRACE(c.method);
    const std::string created = create(c.method);
    const std::string id = at(created, "id");
    const std::size_t before = notifications();
    clock.advance(c.lifetime - seconds(1));
    EXPECT_EQ(at(payment(id), "status"), "open");
    clock.advance(seconds(1));
    EXPECT_EQ(at(payment(id), "status"), "expired");
    EXPECT_EQ(at(payment(id), "expiredAt"), at(created, "expiresAt"));
    EXPECT_EQ(notifications(), before + 1);
    EXPECT_EQ(decide(created, "paid").status, 200) << "the page says that it is over";
    EXPECT_EQ(at(payment(id), "status"), "expired");
  }
}

TEST_F(SimulatorHandler, LetsThePayerDecide) {
  struct Case {
    std::string_view outcome;
    std::string_view time;
    std::size_t notifications;
  };
  for (const Case& c : {Case{"paid", "paidAt", 1}, Case{"failed", "failedAt", 1}, Case{"canceled", "canceledAt", 1},
                        Case{"expired", "expiredAt", 1}, Case{"pending", "createdAt", 0}}) {
    SCOPED_TRACE(c.outcome);
    const std::string created = create();
    const std::string id = at(created, "id");
    const std::size_t before = notifications();
    const auto decided = decide(created, c.outcome);
    EXPECT_EQ(decided.status, 303);
    EXPECT_EQ(at(payment(id), "status"), c.outcome);
    EXPECT_EQ(at(payment(id), c.time), "2024-03-20T09:00:00+00:00");
    EXPECT_EQ(notifications(), before + c.notifications);

    const std::string token = at(created, "_links.checkout.href").substr(std::string("http://127.0.0.1:4000").size());
    const auto page = get(token + "?decided");
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.fields.find(c.outcome == "canceled" ? "Refresh: 0; url=http://127.0.0.1:1/c"
                                                       : "Refresh: 0; url=http://127.0.0.1:1/a"),
              std::string::npos);
    const auto later = get(token);
    EXPECT_EQ(later.fields.find("Refresh"), std::string::npos);
    EXPECT_EQ(later.body.find("<form") != std::string::npos, c.outcome == "pending");
  }
}

TEST_F(SimulatorHandler, DecidesAPendingPaymentLater) {
  for (const std::string_view outcome : {"paid", "failed"}) {
    SCOPED_TRACE(outcome);
    const std::string created = create();
    decide(created, "pending");
    EXPECT_EQ(at(payment(at(created, "id")), "isCancelable"), "true");
    clock.advance(std::chrono::hours(5));
    EXPECT_EQ(at(payment(at(created, "id")), "status"), "pending");
    decide(created, outcome);
    EXPECT_EQ(at(payment(at(created, "id")), "status"), outcome);
    decide(created, outcome == "paid" ? "failed" : "paid");
    EXPECT_EQ(at(payment(at(created, "id")), "status"), outcome) << "it is final";
  }
}

TEST_F(SimulatorHandler, RefusesForgedDecisions) {
  const std::string created = create();
  EXPECT_EQ(decide(created, "open").status, 400);
  EXPECT_EQ(decide(created, "authorized").status, 400);
  EXPECT_EQ(decide(created, "paid&outcome=paid").status, 400);
  EXPECT_EQ(get("/checkout/unknown").status, 404);
  EXPECT_EQ(
      send(Method::post, "/checkout/unknown", "outcome=paid", {.content_type = "application/x-www-form-urlencoded"})
          .status,
      404);
  EXPECT_EQ(at(payment(at(created, "id")), "status"), "open");
}

TEST_F(SimulatorHandler, ListsPayments) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(at(create(), "id"));
  const auto path = [](const std::string& href) { return href.substr(std::string("http://127.0.0.1:4000").size()); };

  const std::string first = get("/v2/payments?limit=2").body;
  EXPECT_EQ(at(first, "count"), "2");
  EXPECT_EQ(at(first, "_embedded.payments.0.id"), ids[4]) << "newest first";
  EXPECT_EQ(at(first, "_embedded.payments.1.id"), ids[3]);
  EXPECT_EQ(at(first, "_links.previous"), "null");
  const std::string second = get(path(at(first, "_links.next.href"))).body;
  EXPECT_EQ(at(second, "_embedded.payments.0.id"), ids[2]);
  EXPECT_EQ(at(second, "_embedded.payments.1.id"), ids[1]);
  const std::string third = get(path(at(second, "_links.next.href"))).body;
  EXPECT_EQ(at(third, "count"), "1");
  EXPECT_EQ(at(third, "_links.next"), "null");
  EXPECT_EQ(get(path(at(third, "_links.previous.href"))).body, second);

  const std::string oldest = get("/v2/payments?sort=asc&limit=1&from=" + ids[1]).body;
  EXPECT_EQ(at(oldest, "_embedded.payments.0.id"), ids[1]);
  EXPECT_EQ(at(get(path(at(oldest, "_links.next.href"))).body, "_embedded.payments.0.id"), ids[2]);
  EXPECT_EQ(at(get(path(at(oldest, "_links.previous.href"))).body, "_embedded.payments.0.id"), ids[0]);

  for (const std::string_view query :
       {"limit=0", "limit=251", "limit=x", "limit=", "sort=up", "from=tr_unknown", "a=%"}) {
    SCOPED_TRACE(query);
    EXPECT_EQ(get("/v2/payments?" + std::string(query)).status, 400);
  }
}

TEST_F(SimulatorHandler, ListsMethods) {
  const std::string methods = get("/v2/methods").body;
  EXPECT_EQ(at(methods, "count"), "3");
  EXPECT_EQ(at(methods, "_embedded.methods.0.id"), "creditcard");
  EXPECT_EQ(at(methods, "_embedded.methods.0.status"), "activated");
  EXPECT_EQ(at(methods, "_embedded.methods.0.image.svg").substr(0, 22), "http://127.0.0.1:4000/");
  EXPECT_EQ(at(get("/v2/methods?includeWallets=applepay").body, "count"), "4");
  const auto count_for = [&](const std::string& value, const std::string& currency) {
    return at(get("/v2/methods?amount%5Bvalue%5D=" + value + "&amount%5Bcurrency%5D=" + currency).body, "count");
  };
  EXPECT_EQ(count_for("8000.00", "EUR"), "3");
  EXPECT_EQ(count_for("8000.01", "EUR"), "2");
  EXPECT_EQ(count_for("10000.00", "USD"), "1");
  EXPECT_EQ(count_for("10001", "JPY"), "0");
  EXPECT_EQ(count_for("50000.00", "EUR"), "1");
  EXPECT_EQ(count_for("50000.01", "EUR"), "0");
  EXPECT_EQ(get("/v2/methods?amount%5Bvalue%5D=1.0&amount%5Bcurrency%5D=EUR").status, 400);
}

TEST_F(SimulatorHandler, ShowsMethods) {
  const std::string all = get("/v2/methods/all").body;
  EXPECT_EQ(at(all, "count"), "4") << "wallets without being asked for";
  EXPECT_EQ(at(all, "_links.self.href"), "http://127.0.0.1:4000/v2/methods/all");
  const std::string ideal = get("/v2/methods/ideal").body;
  EXPECT_EQ(at(ideal, "resource"), "method");
  EXPECT_EQ(at(ideal, "description"), "iDEAL | Wero");
  EXPECT_EQ(at(ideal, "maximumAmount.value"), "50000.00");
  EXPECT_EQ(get("/v2/methods/cash").status, 404);
}

TEST_F(SimulatorHandler, GivesBackLinesAndAddresses) {
  const auto wanted = [](std::string_view more) {
    return R"({"amount":{"currency":"EUR","value":"13.30"},"description":"d","redirectUrl":"http://a",)" +
           std::string(more) + "}";
  };
  const auto line = [](std::string_view unit_price, std::string_view total, std::string_view more = "") {
    return R"({"description":"Coffee","quantity":2,"unitPrice":{"currency":"EUR","value":")" + std::string(unit_price) +
           R"("},"totalAmount":{"currency":"EUR","value":")" + std::string(total) + "\"}" + std::string(more) + "}";
  };
  const std::string vat = R"(,"vatRate":"21.00","vatAmount":{"currency":"EUR","value":"2.31"})";
  const auto taken =
      post("/v2/payments", wanted(R"("lines":[)" + line("6.65", "13.30", vat) +
                                  R"(],"billingAddress":{"city":"Delft"},"restrictPaymentMethodsToCountry":"NL")"));
  EXPECT_EQ(taken.status, 201) << taken.body;
  EXPECT_EQ(at(taken.body, "lines.0.vatAmount.value"), "2.31");
  EXPECT_EQ(at(taken.body, "billingAddress.city"), "Delft");
  EXPECT_EQ(at(taken.body, "restrictPaymentMethodsToCountry"), "NL");
  EXPECT_EQ(payment(at(taken.body, "id")), taken.body);
  const auto moved = send(Method::patch, "/v2/payments/" + at(taken.body, "id"),
                          R"({"billingAddress":{"city":"Utrecht"},"restrictPaymentMethodsToCountry":null})", {});
  EXPECT_EQ(at(moved.body, "billingAddress.city"), "Utrecht");
  EXPECT_EQ(at(moved.body, "restrictPaymentMethodsToCountry"), "absent");
  EXPECT_EQ(at(moved.body, "lines.0.quantity"), "2");

  const std::string discount = line("-1.00", "-2.00", R"(,"type":"discount")");
  EXPECT_EQ(post("/v2/payments", wanted(R"("lines":[)" + line("7.65", "15.30") + "," + discount + "]")).status, 201);
  const std::string less = R"(,"discountAmount":{"currency":"EUR","value":"0.70"})";
  EXPECT_EQ(post("/v2/payments", wanted(R"("lines":[)" + line("7.00", "13.30", less) + "]")).status, 201);

  struct Case {
    std::string_view name;
    std::string member;
    std::string_view field;
  };
  const Case cases[] = {
      {"no array", R"("lines":{})", "lines"},
      {"nothing in it", R"("lines":[])", "lines"},
      {"no object", R"("lines":[1])", "lines"},
      {"another sum", R"("lines":[)" + line("6.60", "13.20") + "]", "lines"},
      {"another product", R"("lines":[)" + line("6.00", "13.30") + "]", "lines"},
      {"a cent of VAT",
       R"("lines":[)" +
           line("6.65", "13.30",
                R"(,"vatRate":"21.00","vatAmount":)"
                R"({"currency":"EUR","value":"2.30"})") +
           "]",
       "lines"},
      {"VAT as a number", R"("lines":[)" + line("6.65", "13.30", R"(,"vatRate":21)") + "]", "lines"},
      {"a negative price", R"("lines":[)" + line("7.65", "15.30") + "," + line("-1.00", "-2.00") + "]", "lines"},
      {"an unknown type", R"("lines":[)" + line("6.65", "13.30", R"(,"type":"tip")") + "]", "lines"},
      {"a long sku", R"("lines":[)" + line("6.65", "13.30", R"(,"sku":")" + std::string(65, 'x') + "\"") + "]",
       "lines"},
      {"half a piece",
       R"("lines":[{"description":"d","quantity":0.5,"unitPrice":{"currency":"EUR","value":"26.60"},)"
       R"("totalAmount":{"currency":"EUR","value":"13.30"}}])",
       "lines"},
      {"other money",
       R"("lines":[{"description":"d","quantity":1,"unitPrice":{"currency":"USD","value":"13.30"},)"
       R"("totalAmount":{"currency":"USD","value":"13.30"}}])",
       "lines"},
      {"address is text", R"("shippingAddress":"Delft")", "shippingAddress"},
      {"country in words", R"("restrictPaymentMethodsToCountry":"nl")", "restrictPaymentMethodsToCountry"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto refused = post("/v2/payments", wanted(c.member));
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_EQ(at(refused.body, "field"), c.field);
  }
}

TEST_F(SimulatorHandler, UpdatesAPayment) {
  const std::string id = at(create(), "id"), path = "/v2/payments/" + id;
  const auto patch = [&](std::string_view body) { return send(Method::patch, path, body, {}); };
  const std::size_t before = notifications();
  const auto updated =
      patch(R"({"description":"Order 8","redirectUrl":"http://127.0.0.1:1/b","cancelUrl":null,"metadata":{"n":2},)"
            R"("webhookUrl":"http://127.0.0.1:1/m","method":["paypal","ideal"],"locale":"nl_NL"})");
  EXPECT_EQ(updated.status, 200) << updated.body;
  EXPECT_EQ(at(updated.body, "description"), "Order 8");
  EXPECT_EQ(at(updated.body, "redirectUrl"), "http://127.0.0.1:1/b");
  EXPECT_EQ(at(updated.body, "cancelUrl"), "absent");
  EXPECT_EQ(at(updated.body, "webhookUrl"), "http://127.0.0.1:1/m");
  EXPECT_EQ(at(updated.body, "metadata.n"), "2");
  EXPECT_EQ(at(updated.body, "method"), "null");
  EXPECT_EQ(at(updated.body, "locale"), "nl_NL");
  EXPECT_EQ(at(updated.body, "amount.value"), "13.30");
  EXPECT_EQ(payment(id), updated.body) << "and it stays so";
  EXPECT_EQ(notifications(), before) << "nobody is told";
  EXPECT_EQ(patch("{}").body, updated.body) << "what is not named stays";

  struct Case {
    std::string_view body;
    int status;
    std::string_view field;
  };
  for (const Case& c :
       {Case{"[]", 400, "absent"}, Case{R"({"description":""})", 422, "description"},
        Case{R"({"redirectUrl":null})", 422, "redirectUrl"},
        Case{R"({"webhookUrl":"javascript:x"})", 422, "webhookUrl"}, Case{R"({"method":"cash"})", 422, "method"},
        Case{R"({"locale":"nl"})", 422, "locale"}, Case{R"({"testmode":true})", 422, "testmode"}}) {
    SCOPED_TRACE(c.body);
    const auto refused = patch(c.body);
    EXPECT_EQ(refused.status, c.status);
    EXPECT_EQ(at(refused.body, "field"), c.field);
  }
  EXPECT_EQ(payment(id), updated.body);
  EXPECT_EQ(send(Method::patch, path, "{}", {.content_type = "text/plain"}).status, 415);
  EXPECT_EQ(send(Method::patch, path, "{}", {.authorization = key_b}).status, 404);
  EXPECT_EQ(send(Method::patch, "/v2/payments/tr_unknown", "{}", {}).status, 404);
}

TEST_F(SimulatorHandler, UpdatesOnlyWhatMattersOnceAPaymentHasEnded) {
  const std::string created = create(), path = "/v2/payments/" + at(created, "id");
  decide(created, "paid");
  const auto refused = send(Method::patch, path, R"({"redirectUrl":"http://127.0.0.1:1/b"})", {});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(at(refused.body, "field"), "redirectUrl");
  EXPECT_EQ(send(Method::patch, path, R"({"metadata":"kept"})", {}).status, 200);
  EXPECT_EQ(at(get(path).body, "metadata"), "kept");
  EXPECT_EQ(at(get(path).body, "status"), "paid");
}

// Over all payments of a profile, in pages; and of one payment in the same way.
TEST_F(SimulatorHandler, RefusesWhatIsNotThere) {
  EXPECT_EQ(get("/v2/orders").status, 404);
  EXPECT_EQ(get("/").status, 404);
  const auto response = send(Method::put, "/v2/payments", "", {});
  EXPECT_EQ(response.status, 405);
  EXPECT_NE(response.fields.find("Allow: "), std::string::npos);
  EXPECT_EQ(send(Method::post, "/v2/payments", body("null"), {.content_type = "text/plain"}).status, 415);
}

}  // namespace
}  // namespace paylink::simulator
