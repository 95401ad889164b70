// What a payer does on the pages of each method.
#include "simulator/payer.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "simulator/test_cards.hpp"
#include "simulator/testing.hpp"

namespace paylink::simulator {
namespace {

using http::Method;
using testing::at;

class PayerPages : public testing::HandlerFixture {
 protected:
  static std::string location(const http::Response& response) {
    const auto at = response.fields.find("Location: ");
    if (at == std::string::npos) return "";
    return response.fields.substr(at + 10, response.fields.find('\r', at) - at - 10);
  }
  static std::string card_body(std::string_view number, std::string_view cvc = "123", std::string_view expiry = "09/30",
                               std::string_view holder = "Ada Lovelace") {
    return "number=" + std::string(number) + "&expiry=" + http::percent_encode(expiry) + "&cvc=" + std::string(cvc) +
           "&holder=" + http::percent_encode(holder);
  }
  http::Response pay_by_card(const std::string& created, std::string_view number) {
    const bool amex = number.starts_with("37");
    return send_form(page_of(created) + "/card", card_body(number, amex ? "1234" : "123"));
  }
  std::string create_over(std::string_view method, std::string_view value, const std::string& locale = "") {
    std::string wanted = body(method, value);
    if (!locale.empty()) wanted.insert(1, R"("locale":")" + locale + R"(",)");
    const auto response = post("/v2/payments", wanted);
    EXPECT_EQ(response.status, 201) << response.body;
    return response.body;
  }
  std::string now(const std::string& created) { return payment(at(created, "id")); }
  std::string status(const std::string& created) { return at(now(created), "status"); }
};

TEST_F(PayerPages, PaysByEachCard) {
  struct Case {
    std::string_view number;
    std::string_view label;
    std::string_view masked;
  };
  for (const Case& c : {Case{"4242424242424242", "Visa", "424242******4242"},
                        Case{"2223000010479399", "Mastercard", "222300******9399"},
                        Case{"378282246310005", "American Express", "378282*****0005"}}) {
    SCOPED_TRACE(c.number);
    const std::string created = create();
    const std::size_t before = notifications();
    const auto paid = pay_by_card(created, c.number);
    EXPECT_EQ(paid.status, 303);
    EXPECT_EQ(location(paid), page_of(created) + "?decided");
    const std::string p = now(created);
    EXPECT_EQ(at(p, "status"), "paid");
    EXPECT_EQ(at(p, "details.cardLabel"), c.label);
    EXPECT_EQ(at(p, "details.cardMaskedNumber"), c.masked);
    EXPECT_EQ(at(p, "details.cardNumber").find_first_not_of('*'), c.number.size() - 4);
    EXPECT_EQ(at(p, "details.cardBin"), c.number.substr(0, 6));
    EXPECT_EQ(at(p, "details.cardHolder"), "Ada Lovelace");
    EXPECT_EQ(at(p, "details.cardExpiryDate"), "09/30");
    EXPECT_EQ(at(p, "details.cardSecurity"), "normal");
    EXPECT_EQ(at(p, "details.failureReason"), "null");
    EXPECT_EQ(at(p, "details.wallet"), "null");
    EXPECT_EQ(notifications(), before + 1);
    restart();
    EXPECT_EQ(now(created), p) << "after a restart";
  }
}

TEST_F(PayerPages, DeclinesEachCardForItsReason) {
  std::size_t declining = 0;
  for (const TestCard& card : test_cards) {
    if (card.failure_reason.empty()) continue;
    SCOPED_TRACE(card.name);
    ++declining;
    const std::string created = create();
    EXPECT_EQ(pay_by_card(created, card.number).status, 303);
    const std::string p = now(created);
    EXPECT_EQ(at(p, "status"), "failed");
    EXPECT_EQ(at(p, "details.failureReason"), card.failure_reason);
    EXPECT_GT(at(p, "details.failureMessage").size(), 10U);
    EXPECT_NE(get(page_of(created)).body.find(at(p, "details.failureMessage").substr(0, 8)), std::string::npos)
        << "the payer is told too";
  }
  EXPECT_EQ(declining, 15U) << "Mollie's reasons";
}

TEST_F(PayerPages, TellsWhatIsWrongWithACardAtItsFields) {
  clock.advance(std::chrono::hours(24));  // 2024-03-21
  struct Case {
    std::string_view name;
    std::string body;
    std::string_view field;
    std::string_view text;
  };
  const std::string_view visa = "4242424242424242", amex = "378282246310005";
  const Case cases[] = {
      {"no number", card_body(""), "number", "Enter the card number."},
      {"wrong check digit", card_body("4242424242424241"), "number", "This is no card number."},
      {"letters", card_body("4242x24242424242"), "number", "This is no card number."},
      {"too short", card_body("42424242420"), "number", "This is no card number."},
      {"no test card", card_body("4012888888881881"), "number", "This is none of the test cards"},
      {"no date", card_body(visa, "123", ""), "expiry", "Enter the expiry date"},
      {"no month", card_body(visa, "123", "13/30"), "expiry", "Enter the expiry date"},
      {"no slash", card_body(visa, "123", "0930"), "expiry", "Enter the expiry date"},
      {"a number for a date", card_body(visa, "123", "4012888888881881"), "expiry", "Enter the expiry date"},
      {"too far away", card_body(visa, "123", "04/44"), "expiry", "Enter the expiry date"},
      {"last month", card_body(visa, "123", "02/24"), "expiry", "This card has expired."},
      {"two digits", card_body(visa, "12"), "cvc", "Enter the 3 digits"},
      {"four on a Visa", card_body(visa, "1234"), "cvc", "Enter the 3 digits"},
      {"three on an Amex", card_body(amex, "123"), "cvc", "Enter the 4 digits"},
      {"no name", card_body(visa, "123", "09/30", " "), "holder", "Enter the name on the card"},
      {"a number for a name", card_body(visa, "123", "09/30", "4012888888881881"), "holder", "Enter the name"},
      {"a line break in a name", card_body(visa, "123", "09/30", "Ada\nL"), "holder", "Enter the name"},
  };
  const std::string created = create(), page = page_of(created) + "/card";
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto refused = send_form(page, c.body);
    EXPECT_EQ(refused.status, 422);
    const std::string id = std::string(c.field) + "-fault";
    const auto fault = refused.body.find("id=\"" + id + "\">" + std::string(c.text));
    EXPECT_NE(fault, std::string::npos);
    EXPECT_NE(refused.body.find("href=\"#" + std::string(c.field) + "\""), std::string::npos) << "the summary";
    EXPECT_NE(refused.body.find(id, fault + id.size() + 4), std::string::npos) << "aria-describedby";
    EXPECT_NE(refused.body.find("<title>Error: "), std::string::npos);
    EXPECT_EQ(refused.body.find("4012888888881881"), std::string::npos) << "it is shown again";
    EXPECT_EQ(refused.body.find(visa), std::string::npos) << "it is shown again";
    EXPECT_EQ(status(created), "open");
  }
  for (const std::string_view expiry : {"03/24", "3/24", "03 / 24", "03/2024", "03/44"}) {
    SCOPED_TRACE(expiry);
    EXPECT_EQ(send_form(page_of(create()) + "/card", card_body(visa, "123", expiry)).status, 303);
  }
  EXPECT_EQ(send_form(page_of(create()) + "/card", card_body("4242+4242-4242+4242")).status, 303) << "in groups";
  for (const std::string_view forged : {"", "number=1", "outcome=paid", "number=1&number=2", "a=%"}) {
    SCOPED_TRACE(forged);
    EXPECT_EQ(send_form(page, forged).status, forged.empty() || forged == "number=1" ? 422 : 400);
  }
  EXPECT_EQ(status(created), "open");
}

// Not in the database, not even of a test card, whatever became of it.
TEST_F(PayerPages, KeepsNoCardNumber) {
  const std::string created = create();
  const std::string numbers[] = {"4012888888881881", "4242424242424241", "4543474002249996", "4242424242424242"};
  for (const std::string& number : numbers) pay_by_card(created, number);
  EXPECT_EQ(status(created), "paid");
  handler.reset();
  database.reset();
  std::string read;
  for (const char* const name : {"simulator.db", "simulator.db-wal"}) {
    std::ifstream file(directory.file(name), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    for (const std::string& number : numbers) EXPECT_EQ(bytes.find(number), std::string::npos) << name << " " << number;
    read += bytes;
  }
  EXPECT_NE(read.find("Ada Lovelace"), std::string::npos) << "that was the database";
}

TEST_F(PayerPages, AsksTheBankOfAChallengedCard) {
  struct Case {
    std::string_view answer;
    std::string_view status;
    std::string_view security;
    std::string_view reason;
  };
  for (const Case& c :
       {Case{"approve", "paid", "3dsecure", "null"}, Case{"refuse", "failed", "normal", "authentication_failed"},
        Case{"abandon", "failed", "normal", "authentication_abandoned"}}) {
    SCOPED_TRACE(c.answer);
    const std::string created = create(), challenge = page_of(created) + "/challenge";
    EXPECT_EQ(location(get(challenge)), page_of(created)) << "nothing was asked yet";
    EXPECT_EQ(location(send_form(challenge, "answer=approve")), page_of(created));
    EXPECT_EQ(location(pay_by_card(created, "4543474002249996")), challenge);
    EXPECT_EQ(status(created), "open");
    EXPECT_EQ(at(now(created), "details"), "absent");
    const std::string asked = get(challenge).body;
    for (const std::string_view part : {"€13.30", "Test shop ", "•••• 9996"})
      EXPECT_NE(asked.find(part), std::string::npos) << part;
    EXPECT_EQ(send_form(challenge, "answer=later").status, 400);
    EXPECT_EQ(send_form(challenge, "answer=approve&answer=approve").status, 400);
    EXPECT_EQ(location(send_form(challenge, "answer=" + std::string(c.answer))), page_of(created) + "?decided");
    const std::string p = now(created);
    EXPECT_EQ(at(p, "status"), c.status);
    EXPECT_EQ(at(p, "details.cardSecurity"), c.security);
    EXPECT_EQ(at(p, "details.failureReason"), c.reason);
    EXPECT_EQ(location(send_form(challenge, "answer=approve")), page_of(created)) << "twice";
    EXPECT_EQ(now(created), p);
  }
}

TEST_F(PayerPages, PaysByWallet) {
  const std::string apple = create(R"("applepay")"), paypal = create(R"("paypal")");
  EXPECT_EQ(send_form(page_of(apple) + "/wallet", "answer=refuse").status, 400);
  EXPECT_EQ(location(send_form(page_of(apple) + "/wallet", "answer=approve")), page_of(apple) + "?decided");
  EXPECT_EQ(at(now(apple), "status"), "paid");
  EXPECT_EQ(at(now(apple), "details.wallet"), "applepay");
  EXPECT_EQ(at(now(apple), "details.cardLabel"), "Visa");

  EXPECT_NE(get(page_of(paypal)).body.find("tess.tester@example.com"), std::string::npos);
  EXPECT_EQ(send_form(page_of(paypal) + "/wallet", "answer=approve").status, 303);
  const std::string p = now(paypal);
  EXPECT_EQ(at(p, "status"), "paid");
  EXPECT_EQ(at(p, "details.consumerName"), "Tess Tester");
  EXPECT_EQ(at(p, "details.consumerAccount"), "tess.tester@example.com");
  EXPECT_EQ(at(p, "details.paypalReference").size(), 17U);
  EXPECT_EQ(at(p, "details.sellerProtection"), "ELIGIBLE");
  EXPECT_EQ(at(p, "details.cardLabel"), "absent");

  const std::string card = create();
  EXPECT_EQ(location(send_form(page_of(card) + "/wallet", "answer=approve")), page_of(card)) << "of another method";
  EXPECT_EQ(status(card), "open");
}

TEST_F(PayerPages, PaysAtABank) {
  for (const std::string_view answer : {"approve", "refuse"}) {
    SCOPED_TRACE(answer);
    const std::string created = create(R"("ideal")"), bank = page_of(created) + "/bank";
    EXPECT_NE(get(page_of(created)).body.find("iDEAL | Wero"), std::string::npos);
    EXPECT_EQ(location(send_form(bank, "answer=approve")), page_of(created)) << "no bank is chosen";
    EXPECT_EQ(location(get(bank)), page_of(created));
    EXPECT_EQ(send_form(bank, "bank=INGBNL2A").status, 400) << "there is no such stand-in";
    EXPECT_EQ(location(send_form(bank, "bank=MOLNNL2A")), bank);
    EXPECT_NE(get(bank).body.find("Molenbank"), std::string::npos);
    EXPECT_EQ(send_form(bank, "answer=" + std::string(answer)).status, 303);
    const std::string p = now(created);
    EXPECT_EQ(at(p, "status"), answer == "approve" ? "paid" : "failed");
    EXPECT_EQ(at(p, "details.consumerBic"), answer == "approve" ? "MOLNNL2A" : "absent");
    EXPECT_EQ(at(p, "details.consumerAccount"), answer == "approve" ? "NL65MOLN0123456789" : "absent");
  }
}

TEST_F(PayerPages, LetsThePayerChooseAMethod) {
  const std::string created = create(R"(["paypal","ideal"])"), page = page_of(created);
  const std::string selection = get(page).body;
  EXPECT_NE(selection.find("value=\"paypal\""), std::string::npos);
  EXPECT_EQ(selection.find("value=\"creditcard\""), std::string::npos) << "it was not asked for";
  EXPECT_EQ(send_form(page + "/method", "method=creditcard").status, 400);
  EXPECT_EQ(send_form(page + "/method", "method=cash").status, 400);
  EXPECT_EQ(at(now(created), "method"), "null");
  EXPECT_EQ(location(send_form(page + "/method", "method=paypal")), page);
  EXPECT_EQ(at(now(created), "method"), "paypal");
  EXPECT_NE(get(page).body.find(page + "/wallet"), std::string::npos);

  EXPECT_EQ(location(send_form(page + "/method", "method=ideal")), page) << "he changes his mind";
  EXPECT_EQ(send_form(page + "/bank", "bank=TULPNL2A").status, 303);
  EXPECT_EQ(location(send_form(page + "/method", "method=paypal")), page);
  EXPECT_EQ(location(send_form(page + "/bank", "answer=approve")), page) << "the bank's tab is of no use any more";
  EXPECT_EQ(status(created), "open");

  EXPECT_EQ(send_form(page + "/method", "method=ideal").status, 303);
  EXPECT_EQ(location(send_form(page + "/bank", "answer=approve")), page) << "and a bank has to be chosen again";
  EXPECT_EQ(status(created), "open");

  const std::string card = create();
  pay_by_card(card, "4543474002249996");
  for (const char* const method : {"method=paypal", "method=creditcard"})
    EXPECT_EQ(send_form(page_of(card) + "/method", method).status, 303);
  EXPECT_EQ(location(send_form(page_of(card) + "/challenge", "answer=approve")), page_of(card)) << "so has a card";
  EXPECT_EQ(status(card), "open");

  const std::string large = create_over("null", "20000.00");
  EXPECT_EQ(get(page_of(large)).body.find("value=\"creditcard\""), std::string::npos) << "it does not take so much";
  EXPECT_NE(get(page_of(large)).body.find("value=\"ideal\""), std::string::npos);
}

// Who leaves the page of a method has not canceled: only leaving the selection does, and is told of.
TEST_F(PayerPages, CancelsAtTheSelectionAlone) {
  const std::string created = create(), page = page_of(created);
  const std::size_t before = notifications();
  EXPECT_NE(get(page).body.find("href=\"" + page + "/method\""), std::string::npos);
  const auto selection = get(page + "/method");
  EXPECT_EQ(selection.status, 200);
  EXPECT_NE(selection.body.find("Cancel the payment"), std::string::npos);
  EXPECT_EQ(status(created), "open");
  EXPECT_EQ(notifications(), before);
  EXPECT_EQ(send_form(page, "outcome=canceled").status, 303);
  EXPECT_EQ(status(created), "canceled");
  EXPECT_EQ(notifications(), before + 1);
  EXPECT_EQ(at(now(created), "details"), "absent");
}

TEST_F(PayerPages, FailsMagicAmounts) {
  struct Case {
    std::string_view value;
    std::string_view reason;  // empty: it is paid
  };
  for (const Case& c : {Case{"1000.00", ""}, Case{"1001.00", "invalid_card_number"}, Case{"1004.00", "card_expired"},
                        Case{"1007.00", "insufficient_funds"}, Case{"1011.00", "card_declined"}, Case{"1011.01", ""},
                        Case{"1012.00", ""}}) {
    SCOPED_TRACE(c.value);
    for (const bool picked : {false, true}) {
      const std::string created = create_over(R"("creditcard")", c.value);
      if (picked)
        decide(created, "paid");
      else
        pay_by_card(created, "4242424242424242");
      EXPECT_EQ(status(created), c.reason.empty() ? "paid" : "failed");
      EXPECT_EQ(at(now(created), "details.failureReason"), c.reason.empty() ? "null" : c.reason);
    }
    const std::string failed = create_over(R"("creditcard")", c.value);
    decide(failed, "failed");
    EXPECT_EQ(at(now(failed), "details.failureReason"), c.reason.empty() ? "card_declined" : c.reason);
    const std::string declined = create_over(R"("creditcard")", c.value);
    pay_by_card(declined, "4000000010080002");
    EXPECT_EQ(at(now(declined), "details.failureReason"), "inactive_card") << "the card comes first";
    const std::string other = create_over(R"("paypal")", c.value);
    decide(other, "paid");
    EXPECT_EQ(status(other), "paid") << "only cards fail so";
  }
}

TEST_F(PayerPages, TellsOfAFailureInThePaymentsLanguage) {
  struct Case {
    std::string locale;
    std::string_view message;
  };
  for (const Case& c : {Case{"nl_NL", "De kaart is geweigerd."}, Case{"fr_BE", "La carte a été refusée."},
                        Case{"sv_SE", "The card was declined."}, Case{"", "The card was declined."}}) {
    SCOPED_TRACE(c.locale);
    const std::string created = create_over(R"("creditcard")", "13.30", c.locale);
    decide(created, "failed");
    EXPECT_EQ(at(now(created), "details.failureMessage"), c.message);
  }
}

// What was decided once is decided; whoever comes later is told what it is, on every page.
TEST_F(PayerPages, DecidesOnce) {
  for (const std::string_view outcome : {"paid", "failed", "canceled", "expired", "pending"}) {
    SCOPED_TRACE(outcome);
    for (const std::string_view method : {"creditcard", "applepay", "paypal", "ideal"}) {
      const std::string created = create('"' + std::string(method) + '"'), page = page_of(created);
      if (method == "creditcard") pay_by_card(created, "5555555555554444");
      if (method == "ideal") send_form(page + "/bank", "bank=GRACNL2A");
      decide(created, outcome);
      const std::string p = now(created);
      const std::size_t before = notifications();
      EXPECT_EQ(location(pay_by_card(created, "4242424242424242")), page);
      for (const char* const step : {"/challenge", "/wallet", "/bank"})
        EXPECT_EQ(location(send_form(page + step, "answer=approve")), page) << step;
      EXPECT_EQ(location(send_form(page + "/method", "method=paypal")), page);
      for (const char* const shown : {"/challenge", "/bank", "/method"})
        EXPECT_EQ(location(get(page + shown)), page) << shown;
      EXPECT_EQ(now(created), p);
      EXPECT_EQ(notifications(), before);
      const std::string truth = get(page).body;
      EXPECT_NE(truth.find("http://127.0.0.1:1/"), std::string::npos) << "the way back";
      EXPECT_EQ(truth.find(page + "/"), std::string::npos) << "no way to pay again";
    }
  }
}

TEST_F(PayerPages, AnswersNobodysPages) {
  for (const char* const shown : {"", "/method", "/challenge", "/bank"})
    EXPECT_EQ(get("/checkout/unknown" + std::string(shown)).status, 404) << shown;
  const std::string card = card_body("4242424242424242");
  for (const auto& [step, sent] : {std::pair<std::string, std::string>{"/card", card},
                                   {"/challenge", "answer=approve"},
                                   {"/wallet", "answer=approve"},
                                   {"/bank", "answer=approve"},
                                   {"/method", "method=ideal"}})
    EXPECT_EQ(send_form("/checkout/unknown" + step, sent).status, 404) << step;
  const std::string cards = get("/test-cards").body;
  for (const TestCard& one : test_cards)
    EXPECT_NE(cards.find(" " + std::string(one.number.substr(one.number.size() - 4))), std::string::npos) << one.name;
}

}  // namespace
}  // namespace paylink::simulator
