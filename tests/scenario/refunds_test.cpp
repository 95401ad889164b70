// Money that goes back: whole payments and parts of them, never more than came in.

#include <gtest/gtest.h>

#include <map>

#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"

namespace paylink::scenario {
namespace {

std::string refund_of(const std::string& amount, const std::string& currency = "EUR") {
  return R"({"refund":{"amount":{"value":")" + amount + R"(","currency":")" + currency + R"("}}})";
}

// A payment of a link.
struct Paid {
  Link link;
  std::string id;
  std::string payments() const { return "/v2/payment_links/" + link.id + "/payments"; }
  std::string refunds() const { return payments() + "/" + id + "/refunds"; }
};

Paid pay(const Sandbox& sandbox, const std::string& outcome = "paid") {
  Paid paid{create(sandbox, body(basket)), {}};
  EXPECT_EQ(settle_in_one_call(sandbox, paid.link, "ideal", outcome), outcome);
  paid.id = at(sandbox.get(paid.payments()).body, "/payments/0/id");
  return paid;
}

// The newest refund's status once the provider, whose refunds take seconds, has done it.
std::string settled(const Sandbox& sandbox, const Paid& paid) {
  std::string status;
  eventually([&] {
    sandbox.post("/sandbox/clock", R"({"advance":"1m"})");
    status = at(sandbox.get(paid.refunds()).body, "/refunds/0/status");
    return status != "pending";
  });
  return status;
}

class Refunds : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    const Ended verified = operate(*sandbox, {"ledger", "verify"});
    EXPECT_EQ(verified.status, 0) << verified.err;
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Refunds::sandbox;

TEST_F(Refunds, InPartsUntilNothingIsLeft) {
  const Paid paid = pay(*sandbox);
  const std::string nothing =
      R"({"refunds":[],"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":0,)"
      R"("total_count":0,"per_page":100}})";
  check(sandbox->get(paid.refunds()), {.status = 200, .exact = nothing});
  EXPECT_EQ(at(sandbox->get(paid.payments()).body, "/payments/0/amount_refunded"), "(nothing)");

  const Answer first = sandbox->post(paid.refunds(), refund_of("3.30"));
  EXPECT_EQ(first.status, 201);
  const std::string id = at(first.body, "/refund/id"), made_at = at(first.body, "/refund/created_at");
  const auto shown = [&](const std::string& status) {
    return R"({"id":")" + id + R"(","amount":{"value":"3.30","currency":"EUR"},"status":")" + status +
           R"(","reason":"requested","created_at":")" + made_at + "\"}";
  };
  EXPECT_EQ(first.body, R"({"refund":)" + shown("pending") + "}");
  EXPECT_EQ(settled(*sandbox, paid), "refunded");
  check(sandbox->get(paid.refunds()),
        {.status = 200,
         .exact = R"({"refunds":[)" + shown("refunded") +
                  R"(],"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":1,)"
                  R"("total_count":1,"per_page":100}})"});
  EXPECT_EQ(at(sandbox->get(paid.payments()).body, "/payments/0/amount_refunded/value"), "3.30");

  check(sandbox->post(paid.refunds(), R"({"refund":{"amount":null}})"),
        {.status = 201, .values = {{"/refund/amount/value", "10.00"}, {"/refund/status", "pending"}}});
  EXPECT_EQ(settled(*sandbox, paid), "refunded");
  EXPECT_EQ(at(sandbox->get(paid.payments()).body, "/payments/0/amount_refunded/value"), "13.30");
  EXPECT_EQ(at(sandbox->get(paid.payments()).body, "/payments/0/status"), "paid");
  EXPECT_EQ(status_of(*sandbox, paid.link), "paid");
  check(sandbox->post(paid.refunds(), R"({"refund":{}})"),
        {.status = 400, .errors = "invalid_status\n", .says = {"Nothing of this payment is left to be refunded."}});
  check(sandbox->get(paid.refunds() + "?per_page=1&page=2"),
        {.status = 200, .values = {{"/refunds/0/id", id}, {"/meta/total_count", "2"}, {"/meta/total_pages", "2"}}});
}

TEST_F(Refunds, WhatIsRefused) {
  const Paid paid = pay(*sandbox), failed = pay(*sandbox, "failed"), pending = pay(*sandbox, "pending");
  const std::string amount = "/refund/amount";
  const auto sent = [&](const char* name, const std::string& text, const std::string& errors,
                        const std::string& says = "") {
    Scenario scenario{
        .name = name, .method = "POST", .target = paid.refunds(), .body = text, .status = 400, .errors = errors};
    if (!says.empty()) scenario.says.push_back(says);
    return scenario;
  };
  play(*sandbox,
       {sent("nothing", "", "malformed_json\n"),
        sent("no refund", "{}", "missing_field /refund\n"),
        sent("null", R"({"refund":null})", "invalid_type /refund\n"),
        sent("a number", R"({"refund":{"amount":5}})", "invalid_type " + amount + "\n"),
        sent("no value", R"({"refund":{"amount":{"currency":"EUR"}}})", "missing_field " + amount + "/value\n"),
        sent("no currency", R"({"refund":{"amount":{"value":"1.00"}}})", "missing_field " + amount + "/currency\n"),
        sent("zero", refund_of("0.00"), "out_of_range " + amount + "/value\n", "must be more than zero"),
        sent("less than zero", refund_of("-1.00"), "out_of_range " + amount + "/value\n", "must be more than zero"),
        sent("a tenth of a cent", refund_of("1.001"), "invalid_format " + amount + "/value\n"),
        sent("no such currency", refund_of("1.00", "EUX"), "not_in_list " + amount + "/currency\n"),
        sent("another currency", refund_of("1.00", "USD"), "invalid " + amount + "/currency\n",
             "refund/amount/currency must be EUR, as of the payment"),
        sent("a cent too much", refund_of("13.31"), "out_of_range " + amount + "/value\n",
             "refund/amount/value must be at most 13.30: so much is left of the payment"),
        sent("beyond all money", refund_of("99999999999.00"), "out_of_range " + amount + "/value\n"),
        {.name = "no JSON",
         .method = "POST",
         .target = paid.refunds(),
         .fields = {{"Content-Type", "text/plain"}},
         .body = refund_of("1.00"),
         .status = 415,
         .errors = "unsupported_media_type\n"},
        {.name = "a payment that failed",
         .method = "POST",
         .target = failed.refunds(),
         .body = refund_of("1.00"),
         .status = 400,
         .errors = "invalid_status\n",
         .says = {"A payment that is failed cannot be refunded."}},
        {.name = "a payment that is pending",
         .method = "POST",
         .target = pending.refunds(),
         .body = refund_of("1.00"),
         .status = 400,
         .errors = "invalid_status\n",
         .says = {"A payment that is pending cannot be refunded."}},
        {.name = "a parameter of no list",
         .target = paid.refunds() + "?status=paid",
         .status = 400,
         .errors = "invalid status\n"},
        {.name = "another method",
         .method = "DELETE",
         .target = paid.refunds(),
         .status = 405,
         .errors = "method_not_allowed\n",
         .answer_fields = {{"Allow", "POST, GET, HEAD"}}}});
  EXPECT_EQ(at(sandbox->get(paid.refunds()).body, "/meta/total_count"), "0");
}

// Whatever is not there is not there in the same words.
TEST_F(Refunds, OfNoPaymentThereIs) {
  const Paid paid = pay(*sandbox), other = pay(*sandbox);
  const std::string nobodys = "00000000-0000-7000-8000-000000000000";
  const auto place = [](const std::string& link, const std::string& payment) {
    return "/v2/payment_links/" + link + "/payments/" + payment + "/refunds";
  };
  const auto without_trace = [](const Answer& answer) {
    return answer.body.substr(0, answer.body.find("\"trace_id\""));
  };
  const std::string expected = R"({"errors":[{"code":"not_found","detail":"There is no such payment."}],)";
  for (const std::string& target :
       {place(nobodys, paid.id), place(paid.link.id, nobodys), place(other.link.id, paid.id), place("x", paid.id),
        place(paid.link.id, "x"), place(paid.id, paid.link.id)}) {
    SCOPED_TRACE(target);
    for (const Answer& answer : {sandbox->get(target), sandbox->post(target, refund_of("1.00"))}) {
      EXPECT_EQ(answer.status, 404);
      EXPECT_EQ(without_trace(answer), expected);
    }
  }
}

TEST_F(Refunds, OneRequestSentTwiceIsOneRefund) {
  const Paid paid = pay(*sandbox);
  const Fields key{{"Idempotency-Key", "refund-" + paid.id}};
  const Answer first = sandbox->post(paid.refunds(), refund_of("5.00"), key);
  const Answer again = sandbox->post(paid.refunds(), refund_of("5.00"), key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.field("Idempotent-Replayed"), "true");
  check(sandbox->post(paid.refunds(), refund_of("6.00"), key), {.status = 422, .errors = "idempotency_key_reused\n"});
  EXPECT_EQ(at(sandbox->get(paid.refunds()).body, "/meta/total_count"), "1");
}

// Two of one amount within moments: the provider takes the second for the first sent twice, and is asked again later.
TEST_F(Refunds, TwoOfOneAmountAreTwo) {
  const Paid paid = pay(*sandbox);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sandbox->post(paid.refunds(), refund_of("5.00")).status, 201);
  EXPECT_TRUE(eventually([&] {
    sandbox->post("/sandbox/clock", R"({"advance":"1m"})");
    return at(sandbox->get(paid.payments()).body, "/payments/0/amount_refunded/value") == "10.00";
  })) << sandbox->get(paid.refunds()).body;
}

// The payer's bank takes the payment back, and gives that up; the provider's notice is all we hear of it.
TEST_F(Refunds, AChargebackIsBookedAndShown) {
  const Paid paid = pay(*sandbox);
  const std::string chargebacks = paid.payments() + "/" + paid.id + "/chargebacks";
  const auto change = [&](const std::string& outcome) {
    return sandbox->post("/sandbox/payments/" + paid.id, R"({"outcome":")" + outcome + "\"}");
  };
  check(
      change("chargeback_reversed"),
      {.status = 400, .errors = "invalid_status\n", .says = {"This payment has no chargeback that can be reversed."}});
  check(change("charged_back"), {.status = 200, .values = {{"/payment/id", paid.id}, {"/payment/status", "paid"}}});
  const std::string listed = sandbox->get(chargebacks).body;
  const std::string id = at(listed, "/chargebacks/0/id"), taken_at = at(listed, "/chargebacks/0/created_at");
  EXPECT_EQ(listed, R"({"chargebacks":[{"id":")" + id +
                        R"(","amount":{"value":"13.30","currency":"EUR"},"created_at":")" + taken_at +
                        R"(","reversed_at":null}],"meta":{"current_page":1,"next_page":null,"prev_page":null,)"
                        R"("total_pages":1,"total_count":1,"per_page":100}})");
  EXPECT_EQ(at(sandbox->get(paid.payments()).body, "/payments/0/amount_charged_back/value"), "13.30");
  EXPECT_EQ(status_of(*sandbox, paid.link), "paid");
  check(sandbox->post(paid.refunds(), refund_of("1.00")),
        {.status = 400, .errors = "invalid_status\n", .says = {"Nothing of this payment is left to be refunded."}});
  check(change("charged_back"),
        {.status = 400, .errors = "invalid_status\n", .says = {"Nothing of this payment is left to be charged back."}});

  EXPECT_EQ(change("chargeback_reversed").status, 200);
  EXPECT_EQ(at(sandbox->get(paid.payments()).body, "/payments/0/amount_charged_back"), "(nothing)");
  EXPECT_TRUE(at(sandbox->get(chargebacks).body, "/chargebacks/0/reversed_at").ends_with("Z"));
  EXPECT_EQ(sandbox->post(paid.refunds(), refund_of("1.00")).status, 201);

  const Paid pending = pay(*sandbox, "pending");
  check(sandbox->post("/sandbox/payments/" + pending.id, R"({"outcome":"charged_back"})"),
        {.status = 400,
         .errors = "invalid_status\n",
         .says = {"This payment is pending. Only one that is paid can be charged back."}});
  check(sandbox->get(pending.payments() + "/" + paid.id + "/chargebacks"), {.status = 404, .errors = "not_found\n"});
}

// By the provider's page, so that its notice is the only way.
TEST_F(Refunds, AChargebackIsHeardOfByItsNotice) {
  const Paid paid = pay(*sandbox);
  const std::string payment =
      value(sandbox->database(), "SELECT provider_payment_id FROM attempts WHERE id = " + id_literal(paid.id));
  const Answer changed = Payer(*sandbox).send_form(port_of(sandbox->ready("/simulator_url")),
                                                   "/change-payment-state/" + payment, "outcome=charged_back");
  EXPECT_EQ(changed.status, 303);
  EXPECT_TRUE(eventually(
      [&] { return at(sandbox->get(paid.payments()).body, "/payments/0/amount_charged_back/value") == "13.30"; }));
}

// While the server runs and when it does not; and what is not right is said.
TEST(Ledger, IsVerified) {
  Sandbox sandbox;
  const Paid paid = pay(sandbox);
  EXPECT_EQ(sandbox.post(paid.refunds(), refund_of("3.30")).status, 201);
  EXPECT_EQ(settled(sandbox, paid), "refunded");
  const Ended sound = operate(sandbox, {"ledger", "verify"});
  EXPECT_EQ(sound.status, 0) << sound.err;
  EXPECT_EQ(sound.out,
            "ACCOUNT   CURRENCY  ENTRIES  BALANCE\n"
            "payers    EUR       2        -10.00\n"
            "provider  EUR       2        10.00\n"
            "movements 2, payments 1, violations 0\n");
  EXPECT_EQ(sandbox.stop(), 0);
  EXPECT_EQ(operate(sandbox, {"ledger", "verify"}).out, sound.out);

  execute(sandbox.database(), "UPDATE refunds SET amount_minor = 331");
  const Ended spoiled = operate(sandbox, {"ledger", "verify"});
  EXPECT_EQ(spoiled.status, 1);
  EXPECT_TRUE(spoiled.out.ends_with("\nmovements 2, payments 1, violations 2\n")) << spoiled.out;
  const std::string payment = "paylink: payment " + paid.id + " of organization " + sandbox.ready("/organization/id");
  EXPECT_EQ(spoiled.err, payment + ": its ledger has -3.30 EUR of kind refund, its rows have -3.31 EUR.\n" + payment +
                             ": 3.31 EUR of refunds, of 13.30 EUR that came in; the capture says 3.30 EUR.\n");
  const Ended nowhere = run({"ledger", "verify", "--data-dir", sandbox.place().file("nowhere")});
  EXPECT_EQ(nowhere.status, 2);
  EXPECT_NE(nowhere.err.find("There is no database at "), std::string::npos) << nowhere.err;
}

// A hundred at once, on PostgreSQL of two servers: 1.00 of 13.30 can be given back thirteen times.
TEST(RefundRace, NeverGivesBackMoreThanCameIn) {
  Sandbox sandbox;
  const TempDir place;
  std::unique_ptr<Process> other;
  std::vector<std::uint16_t> ports{sandbox.port()};
  if (is_on_postgres()) {
    const std::string ready = place.file("ready.json");
    other = std::make_unique<Process>(
        place, Words{"sandbox", "--listen", "127.0.0.1:0", "--ready-file", ready, "--data-dir", place.file("data"),
                     "--database", sandbox.where().back(), "--join", sandbox.data_dir()});
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(ready); })) << other->err();
    ports.push_back(port_of(at(read_file(ready), "/base_url")));
  }
  const Paid paid = pay(sandbox);
  std::vector<std::unique_ptr<Connection>> connections;
  for (std::size_t i = 0; i < 100; ++i) connections.push_back(std::make_unique<Connection>(ports[i % ports.size()]));
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const Message message{.method = "POST",
                          .target = paid.refunds(),
                          .fields = {{"Authorization", sandbox.bearer()}, {"Content-Type", "application/json"}},
                          .body = refund_of("1.00")};
    ASSERT_TRUE(connections[i]->send(wire(message, ports[i % ports.size()])));
  }
  std::map<std::string, int> answers;
  for (const auto& connection : connections) {
    const auto answer = connection->receive();
    ASSERT_TRUE(answer);
    ++answers[answer->status == 201 ? "made" : errors_of(*answer)];
  }
  EXPECT_EQ(answers, (std::map<std::string, int>{{"made", 13}, {"out_of_range /refund/amount/value\n", 87}}));
  const auto taken = [&] {
    return value(sandbox.database(), "SELECT CAST(SUM(amount_minor) AS BIGINT) FROM refunds WHERE state <> 'failed'");
  };
  EXPECT_EQ(taken(), "1300");
  EXPECT_EQ(at(sandbox.get(paid.refunds()).body, "/meta/total_count"), "13");
  if (other) {
    other->signal(15);
    EXPECT_EQ(other->wait(), 0) << other->err();
  }
}

}  // namespace
}  // namespace paylink::scenario
