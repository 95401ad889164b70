#include "providers/mollie/mapping.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace paylink::providers::mollie {
namespace {

Money money(std::string_view value, std::string_view currency) {
  return *Money::parse_decimal(value, *Currency::parse(currency));
}

// A good answer with one piece of it exchanged for another.
std::string with(std::string body, std::string_view piece, std::string_view other) {
  const auto at = body.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return at == std::string::npos ? body : body.replace(at, piece.size(), other);
}

const std::string good_payment =
    R"({"resource":"payment","id":"tr_7UhSN1zuXS","mode":"test","amount":{"value":"10.00","currency":"EUR"},)"
    R"("status":"open","isCancelable":true,"expiresAt":"2024-03-20T09:28:37+00:00",)"
    R"("metadata":{"attempt":"0198c0de-0000-7000-8000-000000000001"},)"
    R"("_links":{"checkout":{"href":"https://www.mollie.com/checkout/x","type":"text/html"}}})";

const std::string good_refund =
    R"({"resource":"refund","id":"re_4qqhO89gsT","amount":{"value":"10.00","currency":"EUR"},"status":"pending"})";

// Each resource says what it is twice, and whether it is about real money.
TEST(MollieMapping, RefusesAnotherModeOrPlace) {
  const auto placed = [](std::string body, std::string_view href) {
    return body.insert(1, R"("mode":"test","_links":{"self":{"href":")" + std::string(href) + R"("}},)");
  };
  const std::string refund = placed(good_refund, "https://api.mollie.com/v2/payments/tr_1/refunds/re_4qqhO89gsT");
  const std::string profile = placed(R"({"resource":"profile","id":"pfl_Qk","name":"Atelier","status":"verified"})",
                                     "https://api.mollie.com/v2/profiles/pfl_Qk");
  const std::string self = R"("self":{"href":"https://api.mollie.com/v2/payments/tr_7UhSN1zuXS?embed=x"},"checkout")";
  const std::string payment = with(good_payment, R"("checkout")", self);
  const auto reason = [](const auto& result) { return result ? std::string() : result.error().reason; };
  EXPECT_EQ(reason(read_payment(payment, "test")) + reason(read_refund(refund, "test")), "");
  EXPECT_EQ(reason(read_profile(profile, "test")), "");
  EXPECT_EQ(reason(read_payment(payment, "live")), "provider_answer");
  EXPECT_EQ(reason(read_payment(with(payment, R"("mode":"test",)", ""), "test")), "provider_answer");
  EXPECT_EQ(reason(read_refund(refund, "live")), "provider_answer");
  EXPECT_EQ(reason(read_profile(profile, "live")), "provider_answer");
  EXPECT_EQ(reason(read_payment(with(payment, R"("id":"tr_7UhSN1zuXS")", R"("id":"tr_7UhSN1zuX1")"))),
            "provider_answer");
  EXPECT_EQ(reason(read_refund(with(refund, R"("id":"re_4qqhO89gsT")", R"("id":"re_1")"))), "provider_answer");
  EXPECT_EQ(reason(read_profile(with(profile, R"("id":"pfl_Qk")", R"("id":"pfl_Q")"))), "provider_answer");
}

TEST(MollieMapping, WritesAPayment) {
  app::NewProviderPayment payment{money("13.30", "EUR"),
                                  PaymentMethod::credit_card,
                                  "Pot \"grand\"",
                                  "https://shop.example/a/1",
                                  "https://shop.example/n/1",
                                  "0198c0de-0000-7000-8000-000000000001",
                                  "key"};
  EXPECT_EQ(write_payment(payment),
            R"({"amount":{"currency":"EUR","value":"13.30"},"description":"Pot \"grand\"",)"
            R"("redirectUrl":"https://shop.example/a/1","webhookUrl":"https://shop.example/n/1","method":"creditcard",)"
            R"("metadata":{"attempt":"0198c0de-0000-7000-8000-000000000001"}})");
  EXPECT_EQ(write_refund({money("100", "JPY"), "Surplus", "0198c0de-0000-7000-8000-000000000002", "key"}),
            R"({"amount":{"currency":"JPY","value":"100"},"description":"Surplus",)"
            R"("metadata":{"refund":"0198c0de-0000-7000-8000-000000000002"}})");
}

TEST(MollieMapping, WritesEachMethod) {
  struct Case {
    PaymentMethod method;
    std::string_view name;
  };
  for (const Case& c : {Case{PaymentMethod::credit_card, "creditcard"}, Case{PaymentMethod::apple_pay, "applepay"},
                        Case{PaymentMethod::paypal, "paypal"}, Case{PaymentMethod::ideal, "ideal"}}) {
    SCOPED_TRACE(c.name);
    app::NewProviderPayment payment{money("1.00", "EUR"), c.method, "d", "https://a.example", "", "id", "key"};
    const std::string body = write_payment(payment);
    EXPECT_NE(body.find("\"method\":\"" + std::string(c.name) + "\""), std::string::npos);
    EXPECT_EQ(body.find("webhookUrl"), std::string::npos);
  }
}

TEST(MollieMapping, ReadsAPayment) {
  const auto payment = read_payment(good_payment);
  ASSERT_TRUE(payment) << payment.error().detail;
  EXPECT_EQ(payment->id, "tr_7UhSN1zuXS");
  EXPECT_EQ(payment->state, AttemptState::open);
  EXPECT_EQ(payment->amount, money("10.00", "EUR"));
  EXPECT_EQ(payment->attempt, "0198c0de-0000-7000-8000-000000000001");
  EXPECT_EQ(payment->checkout_url, "https://www.mollie.com/checkout/x");
  EXPECT_TRUE(payment->cancelable);
  EXPECT_EQ(payment->expires_at, parse_rfc3339("2024-03-20T09:28:37Z"));
}

TEST(MollieMapping, ReadsEachStatus) {
  for (const auto& [state, name] : attempt_state_names.rows) {
    SCOPED_TRACE(name);
    const auto payment = read_payment(with(good_payment, R"("open")", '"' + std::string(name) + '"'));
    ASSERT_TRUE(payment);
    EXPECT_EQ(payment->state, state);
  }
}

TEST(MollieMapping, ReadsWhatMayBeLeftOut) {
  const auto payment = read_payment(R"({"resource":"payment","id":"tr_1","amount":{"value":"100","currency":"JPY"},)"
                                    R"("status":"paid","method":null,"metadata":null,"_links":{}})");
  ASSERT_TRUE(payment) << payment.error().detail;
  EXPECT_EQ(payment->attempt, "");
  EXPECT_EQ(payment->checkout_url, "");
  EXPECT_FALSE(payment->cancelable);
  EXPECT_FALSE(payment->expires_at);
}

TEST(MollieMapping, ReadsByWhatItIsPaid) {
  using enum PaymentMethod;
  struct Case {
    const char* name;
    std::string members;
    std::optional<PaymentMethod> method;
  };
  const Case cases[] = {
      {"nothing was chosen", R"("status":"open","method":null)", {}},
      {"left out", R"("status":"open")", {}},
      {"none of ours", R"("status":"paid","method":"bancontact")", {}},
      {"iDEAL", R"("status":"open","method":"ideal")", ideal},
      {"PayPal", R"("status":"pending","method":"paypal")", paypal},
      {"Apple Pay", R"("status":"open","method":"applepay")", apple_pay},
      {"a card or a wallet", R"("status":"open","method":"creditcard")", {}},
      {"canceled before that was known", R"("status":"canceled","method":"creditcard","details":null)", {}},
      {"a card", R"("status":"paid","method":"creditcard","details":{"wallet":null})", credit_card},
      {"a declined card", R"("status":"failed","method":"creditcard","details":{"cardLabel":"Visa"})", credit_card},
      {"Apple Pay, as a card", R"("status":"paid","method":"creditcard","details":{"wallet":"applepay"})", apple_pay},
      {"another wallet", R"("status":"paid","method":"creditcard","details":{"wallet":"googlepay"})", credit_card},
      {"a card without details", R"("status":"paid","method":"creditcard")", credit_card},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto payment =
        read_payment(R"({"resource":"payment","id":"tr_1","amount":{"value":"10.00","currency":"EUR"},"_links":{},)" +
                     c.members + "}");
    ASSERT_TRUE(payment) << payment.error().detail;
    EXPECT_EQ(payment->method, c.method);
  }
}

// In Mollie's dashboard nobody gives them our metadata.
TEST(MollieMapping, ReadsRefundsWhoeverMadeThem) {
  const auto embedding = [](const std::string& list) {
    return with(good_payment, R"("_links")",
                R"("paidAt":"2024-03-20T09:14:00+00:00","_embedded":{"refunds":)" + list + R"(},"_links")");
  };
  const auto payment = read_payment(
      embedding(R"([{"resource":"refund","id":"re_1","status":"refunded","amount":{"value":"5.00","currency":"EUR"},)"
                R"("metadata":null},{"resource":"refund","id":"re_2","status":"queued","amount":{"value":"1.00",)"
                R"("currency":"EUR"},"metadata":{"refund":"ours"}}])"));
  ASSERT_TRUE(payment) << payment.error().detail;
  EXPECT_EQ(payment->paid_at, parse_rfc3339("2024-03-20T09:14:00Z"));
  ASSERT_EQ(payment->refunds.size(), 2U);
  EXPECT_EQ(payment->refunds[0].id, "re_1");
  EXPECT_EQ(payment->refunds[0].state, app::ProviderRefundState::refunded);
  EXPECT_EQ(payment->refunds[0].amount, money("5.00", "EUR"));
  EXPECT_EQ(payment->refunds[0].refund, "");
  EXPECT_EQ(payment->refunds[1].refund, "ours");
  EXPECT_FALSE(read_payment(embedding(R"([{"id":"re_1"}])")));
}

TEST(MollieMapping, ReadsChargebacks) {
  const auto embedding = [](const std::string& list) {
    return with(good_payment, R"("_links")", R"("_embedded":{"chargebacks":)" + list + R"(},"_links")");
  };
  const std::string one = R"({"resource":"chargeback","id":"chb_1","amount":{"value":"5.00","currency":"EUR"},)"
                          R"("createdAt":"2024-03-21T09:00:00+00:00","reversedAt":null})";
  const std::string other = with(with(one, "chb_1", "chb_2"), "null", R"("2024-03-22T09:00:00+00:00")");
  const auto payment = read_payment(embedding("[" + one + "," + other + "]"));
  ASSERT_TRUE(payment) << payment.error().detail;
  ASSERT_EQ(payment->chargebacks.size(), 2U);
  EXPECT_EQ(payment->chargebacks[0].id, "chb_1");
  EXPECT_EQ(payment->chargebacks[0].amount, money("5.00", "EUR"));
  EXPECT_EQ(payment->chargebacks[0].created_at, parse_rfc3339("2024-03-21T09:00:00Z"));
  EXPECT_FALSE(payment->chargebacks[0].reversed_at);
  EXPECT_EQ(payment->chargebacks[1].reversed_at, parse_rfc3339("2024-03-22T09:00:00Z"));
  EXPECT_TRUE(read_payment(embedding("[]"))->chargebacks.empty());
  for (const std::string& bad : {with(one, "chb_1", "re_1"), with(one, "5.00", "-5.00"), with(one, "createdAt", "at"),
                                 with(one, "null", R"("soon")"), std::string("null")}) {
    SCOPED_TRACE(bad);
    EXPECT_FALSE(read_payment(embedding("[" + bad + "]")).has_value());
  }
}

TEST(MollieMapping, ReadsOffsets) {
  struct Case {
    std::string_view text;
    std::string_view utc;
  };
  for (const Case& c : {Case{"2024-03-20T09:28:37+02:00", "2024-03-20T07:28:37Z"},
                        Case{"2024-03-20T23:28:37-01:30", "2024-03-21T00:58:37Z"},
                        Case{"2024-03-20T09:28:37Z", "2024-03-20T09:28:37Z"}}) {
    SCOPED_TRACE(c.text);
    const auto payment = read_payment(with(good_payment, "2024-03-20T09:28:37+00:00", c.text));
    ASSERT_TRUE(payment);
    EXPECT_EQ(payment->expires_at, parse_rfc3339(c.utc));
  }
}

TEST(MollieMapping, RefusesNonsense) {
  struct Case {
    std::string_view name;
    std::string body;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"a page", "<html>maintenance</html>"},
      {"cut short", good_payment.substr(0, 100)},
      {"an array", "[]"},
      {"a list", R"({"count":0})"},
      {"another resource", with(good_payment, R"("payment")", R"("order")")},
      {"no id", with(good_payment, R"("id":"tr_7UhSN1zuXS",)", "")},
      {"another kind of id", with(good_payment, "tr_7UhSN1zuXS", "ord_1")},
      {"an id that is a path", with(good_payment, "tr_7UhSN1zuXS", "tr_../x")},
      {"an empty id", with(good_payment, "tr_7UhSN1zuXS", "tr_")},
      {"unknown status", with(good_payment, R"("open")", R"("shipped")")},
      {"no status", with(good_payment, R"("status":"open",)", "")},
      {"an amount that is a number", with(good_payment, R"("10.00")", "10.00")},
      {"too few decimals", with(good_payment, R"("10.00")", R"("10.0")")},
      {"too many decimals", with(good_payment, R"("10.00")", R"("10.000")")},
      {"negative amount", with(good_payment, R"("10.00")", R"("-10.00")")},
      {"unknown currency", with(good_payment, "EUR", "EUX")},
      {"no amount", with(good_payment, R"("amount":{"value":"10.00","currency":"EUR"},)", "")},
      {"a script for an address", with(good_payment, "https://www.mollie.com/checkout/x", "javascript:alert(1)")},
      {"a line break in an address", with(good_payment, "/checkout/x", R"(/checkout/\r\nx)")},
      {"no links", with(good_payment, "_links", "links")},
      {"no time", with(good_payment, "2024-03-20T09:28:37+00:00", "soon")},
      {"an offset without digits", with(good_payment, "+00:00", "+-1:00")},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto payment = read_payment(c.body);
    ASSERT_FALSE(payment);
    EXPECT_EQ(payment.error().code, ErrorCode::internal);
    EXPECT_EQ(payment.error().reason, "provider_answer");
    EXPECT_NE(payment.error().detail, "");
  }
}

TEST(MollieMapping, ReadsRefunds) {
  using State = app::ProviderRefundState;
  struct Case {
    std::string_view status;
    State state;
  };
  for (const Case& c :
       {Case{"queued", State::pending}, Case{"pending", State::pending}, Case{"processing", State::pending},
        Case{"refunded", State::refunded}, Case{"failed", State::failed}, Case{"canceled", State::failed},
        Case{"a word of later times", State::pending}}) {
    SCOPED_TRACE(c.status);
    const auto refund = read_refund(with(good_refund, "pending", c.status));
    ASSERT_TRUE(refund) << refund.error().detail;
    EXPECT_EQ(refund->id, "re_4qqhO89gsT");
    EXPECT_EQ(refund->state, c.state);
    EXPECT_EQ(refund->amount, money("10.00", "EUR"));
  }
  for (const std::string& body :
       {with(good_refund, "\"pending\"", "7"), with(good_refund, "re_", "tr_"), with(good_refund, "10.00", "ten"),
        with(good_refund, "refund", "payment"), std::string("null")}) {
    SCOPED_TRACE(body);
    const auto refund = read_refund(body);
    ASSERT_FALSE(refund);
    EXPECT_EQ(refund.error().code, ErrorCode::internal);
  }
}

TEST(MollieMapping, ReadsAProfile) {
  const std::string profile = R"({"resource":"profile","id":"pfl_QkEhN94Ba","name":"Atelier","status":"verified"})";
  const auto read = read_profile(profile);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id + " " + read->name, "pfl_QkEhN94Ba Atelier");
  EXPECT_FALSE(read->is_blocked);
  const std::pair<const char*, const char*> changes[] = {{"verified", "blocked"}, {"verified", "unverified"}};
  for (const auto& [from, to] : changes) {
    std::string changed = profile;
    changed.replace(changed.find(from), std::string(from).size(), to);
    EXPECT_EQ(read_profile(changed)->is_blocked, std::string(to) == "blocked");
  }
  for (const char* nonsense : {"", "[]", R"({"resource":"payment","id":"pfl_1","name":"A","status":"verified"})",
                               R"({"resource":"profile","id":"tr_1","name":"A","status":"verified"})",
                               R"({"resource":"profile","id":"pfl_../x","name":"A","status":"verified"})",
                               R"({"resource":"profile","id":"pfl_1","name":7,"status":"verified"})",
                               R"({"resource":"profile","id":"pfl_1","name":"A"})"})
    EXPECT_EQ(read_profile(nonsense).error().reason, "provider_answer") << nonsense;
}

TEST(MollieMapping, TellsFailuresApart) {
  struct Case {
    std::string_view name;
    Operation operation;
    int status;
    ErrorCode code;
  };
  constexpr Case cases[] = {
      {"bad body", Operation::create, 422, ErrorCode::invalid_input},
      {"key used otherwise", Operation::create, 400, ErrorCode::invalid_input},
      {"first try still running", Operation::create, 409, ErrorCode::conflict},
      {"key revoked", Operation::create, 401, ErrorCode::unavailable},
      {"key without permission", Operation::find, 403, ErrorCode::unavailable},
      {"never heard of it", Operation::find, 404, ErrorCode::not_found},
      {"gone", Operation::find, 410, ErrorCode::invalid_input},
      {"too late to cancel", Operation::cancel, 422, ErrorCode::conflict},
      {"more than remains", Operation::refund, 422, ErrorCode::invalid_input},
      {"refunded twice in a moment", Operation::refund, 409, ErrorCode::conflict},
      {"too slow a request", Operation::create, 408, ErrorCode::unavailable},
      {"too many requests", Operation::create, 429, ErrorCode::unavailable},
      {"broken", Operation::create, 500, ErrorCode::unavailable},
      {"supplier down", Operation::create, 503, ErrorCode::unavailable},
      {"sent elsewhere", Operation::find, 302, ErrorCode::internal},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Failure failure = read_failure(c.operation, c.status, std::string(5000, 'x'));
    EXPECT_EQ(failure.error().code, c.code);
    EXPECT_LT(failure.error().detail.size(), 400U);
    EXPECT_EQ(failure.error().message.find('x', 50), std::string::npos);
  }
}

// What is told of it is stored as text.
TEST(MollieMapping, TellsInTextOfAnswersThatAreNone) {
  const std::string cut = std::string(299, 'x') + "€";
  EXPECT_EQ(read_failure(Operation::refund, 422, "Caf\xE9").error().detail, "HTTP 422: Caf\uFFFD");
  EXPECT_EQ(read_failure(Operation::refund, 422, std::string_view("\0", 1)).error().detail, "HTTP 422: \uFFFD");
  EXPECT_TRUE(is_text(read_failure(Operation::refund, 422, cut).error().detail));
  EXPECT_TRUE(is_text(read_failure(Operation::find, 302, cut).error().detail));
  const auto profile = read_profile(R"({"resource":"profile","id":"pfl_1","name":"A\u0000B","status":"verified"})");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->name, "A\uFFFDB");
}

}  // namespace
}  // namespace paylink::providers::mollie
