#include <gtest/gtest.h>

#include "simulator/testing.hpp"

namespace paylink::simulator {
namespace {

using http::Method;
using std::chrono::seconds;
using testing::at;
using testing::key_b;

// Money that goes back, as the payments API tells of it.
class SimulatorRefunds : public testing::HandlerFixture {};

TEST_F(SimulatorRefunds, RefundsInTime) {
  const std::string created = create();
  decide(created, "paid");
  const std::string id = at(created, "id");
  const std::string refunds = "/v2/payments/" + id + "/refunds";
  const auto response = post(refunds, refund_body("13.30"));
  EXPECT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(at(response.body, "resource"), "refund");
  EXPECT_EQ(at(response.body, "id").substr(0, 3), "re_");
  EXPECT_EQ(at(response.body, "mode"), "test");
  EXPECT_EQ(at(response.body, "paymentId"), id);
  EXPECT_EQ(at(response.body, "status"), "queued");
  EXPECT_EQ(at(response.body, "metadata"), "null");
  EXPECT_EQ(at(response.body, "description"), "back");
  EXPECT_EQ(at(response.body, "_links.payment.href"), "http://127.0.0.1:4000/v2/payments/" + id);
  EXPECT_EQ(at(payment(id), "status"), "paid");
  EXPECT_EQ(at(payment(id), "amountRefunded.value"), "13.30");
  EXPECT_EQ(at(payment(id), "amountRemaining.value"), "0.00");

  const std::string one = refunds + "/" + at(response.body, "id");
  const std::size_t before = notifications();
  clock.advance(seconds(1));
  EXPECT_EQ(at(get(one).body, "status"), "pending");
  EXPECT_EQ(notifications(), before);
  clock.advance(seconds(1));
  EXPECT_EQ(at(get(one).body, "status"), "processing");
  EXPECT_EQ(notifications(), before + 1);
  clock.advance(seconds(1));
  EXPECT_EQ(at(get(one).body, "status"), "refunded");
  EXPECT_EQ(notifications(), before + 2);
  EXPECT_EQ(at(get(refunds).body, "_embedded.refunds.0.status"), "refunded");
  EXPECT_EQ(get(refunds + "/re_unknown").status, 404);
}

// The fixture holds that nothing scans, which shows only where there are several.
TEST_F(SimulatorRefunds, AreFoundByIndexesAtEachStep) {
  for (int payments = 0; payments < 3; ++payments) {
    const std::string created = create();
    decide(created, "paid");
    for (const auto* value : {"1.00", "2.00"})
      EXPECT_EQ(post("/v2/payments/" + at(created, "id") + "/refunds", refund_body(value)).status, 201);
  }
  for (int steps = 0; steps < 4; ++steps) {
    clock.advance(seconds(1));
    EXPECT_EQ(get("/v2/refunds").status, 200);
  }
  EXPECT_EQ(at(get("/v2/refunds").body, "_embedded.refunds.5.status"), "refunded");
}

TEST_F(SimulatorRefunds, RefusesRefunds) {
  const std::string created = create();
  const std::string refunds = "/v2/payments/" + at(created, "id") + "/refunds";
  EXPECT_EQ(post(refunds, refund_body("1.00")).status, 422) << "not paid";
  decide(created, "paid");
  EXPECT_EQ(post(refunds, refund_body("13.31")).status, 422) << "more than was paid";
  EXPECT_EQ(post(refunds, R"({"amount":{"currency":"USD","value":"1.00"}})").status, 422) << "another currency";
  EXPECT_EQ(post(refunds, "{}").status, 422);
  EXPECT_EQ(post("/v2/payments/tr_unknown/refunds", refund_body("1.00")).status, 404);

  EXPECT_EQ(post(refunds, refund_body("10.00")).status, 201);
  EXPECT_EQ(post(refunds, refund_body("10.00")).status, 409) << "the same again, at once";
  EXPECT_EQ(at(post(refunds, refund_body("10.00")).body, "detail"), "A duplicate refund has been detected");
  EXPECT_EQ(post(refunds, refund_body("3.31")).status, 422) << "more than remains";
  clock.advance(seconds(5));
  EXPECT_EQ(post(refunds, refund_body("10.00")).status, 422) << "later it is just too much";
  EXPECT_EQ(post(refunds, refund_body("3.30")).status, 201);
  EXPECT_EQ(at(payment(at(created, "id")), "amountRemaining.value"), "0.00");
}

TEST_F(SimulatorRefunds, ReplaysARefund) {
  const std::string created = create();
  decide(created, "paid");
  const std::string refunds = "/v2/payments/" + at(created, "id") + "/refunds";
  const Extra keyed{.idempotency_key = "r1"};
  const auto first = send(Method::post, refunds, refund_body("13.30"), keyed);
  const auto again = send(Method::post, refunds, refund_body("13.30"), keyed);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(at(get(refunds).body, "count"), "1");
}

TEST_F(SimulatorRefunds, ChargesBackAndReverses) {
  const std::string body = create(), id = at(body, "id"), state = "/change-payment-state/" + id;
  const auto change = [&](std::string_view outcome) {
    return send(Method::post, state, "outcome=" + std::string(outcome),
                {.content_type = "application/x-www-form-urlencoded"})
        .status;
  };
  EXPECT_EQ(change("charged_back"), 422) << "it is not paid";
  decide(body, "paid");
  EXPECT_EQ(at(payment(id), "_links.changePaymentState.href"), "http://127.0.0.1:4000" + state);
  EXPECT_EQ(change("chargeback_reversed"), 422);
  EXPECT_EQ(change("paid"), 400);
  EXPECT_EQ(post("/v2/payments/" + id + "/refunds", R"({"amount":{"currency":"EUR","value":"3.30"}})").status, 201);
  EXPECT_EQ(change("charged_back"), 303);
  EXPECT_EQ(change("charged_back"), 422) << "nothing is left";
  EXPECT_EQ(at(payment(id), "amountChargedBack.value"), "10.00");
  EXPECT_EQ(at(payment(id), "amountRemaining.value"), "0.00");
  EXPECT_EQ(at(payment(id), "status"), "paid");
  const std::string listed = get("/v2/payments/" + id + "/chargebacks").body, first = "_embedded.chargebacks.0.";
  EXPECT_EQ(at(listed, "count"), "1");
  EXPECT_EQ(at(listed, first + "resource"), "chargeback");
  EXPECT_EQ(at(listed, first + "amount.value"), "10.00");
  EXPECT_EQ(at(listed, first + "settlementAmount.value"), "-10.00");
  EXPECT_EQ(at(listed, first + "paymentId"), id);
  EXPECT_EQ(at(listed, first + "reversedAt"), "null");
  const std::string chargeback = at(listed, first + "id");
  EXPECT_TRUE(chargeback.starts_with("chb_"));
  EXPECT_EQ(at(get("/v2/payments/" + id + "/chargebacks/" + chargeback).body, "id"), chargeback);
  EXPECT_EQ(get("/v2/payments/" + id + "/chargebacks/chb_1").status, 404);
  EXPECT_NE(get(state).body.find("chargeback_reversed"), std::string::npos);
  EXPECT_EQ(get(state).body.find("charged_back"), std::string::npos);

  EXPECT_EQ(change("chargeback_reversed"), 303);
  EXPECT_EQ(change("chargeback_reversed"), 422);
  EXPECT_EQ(at(payment(id), "amountChargedBack"), "absent");
  const std::string embedding = get("/v2/payments/" + id + "?embed=refunds,chargebacks").body;
  EXPECT_EQ(at(embedding, first + "id"), chargeback);
  EXPECT_NE(at(embedding, first + "reversedAt"), "null");
  const std::string refunds = get("/v2/payments/" + id + "?embed=refunds").body;
  EXPECT_EQ(at(refunds, "_embedded.refunds.0.amount.value"), "3.30");
  EXPECT_EQ(at(refunds, "_embedded.chargebacks"), "absent");
  EXPECT_EQ(at(get("/v2/payments/" + id + "?embed=captures").body, "_embedded"), "absent");
}

TEST_F(SimulatorRefunds, CancelsARefundInTime) {
  const std::string created = create(), id = at(created, "id"), refunds = "/v2/payments/" + id + "/refunds";
  decide(created, "paid");
  const auto cancel_refund = [&](const std::string& refund) {
    return send(Method::del, refunds + "/" + refund, "{}", {});
  };
  const std::string queued = at(post(refunds, refund_body("10.00")).body, "id");
  const std::size_t before = notifications();
  EXPECT_EQ(send(Method::del, refunds + "/" + queued, "", {.authorization = key_b}).status, 404);
  const auto canceled = cancel_refund(queued);
  EXPECT_EQ(canceled.status, 204);
  EXPECT_EQ(canceled.body, "");
  EXPECT_EQ(at(get(refunds + "/" + queued).body, "status"), "canceled");
  EXPECT_EQ(at(payment(id), "amountRemaining.value"), "13.30");
  EXPECT_EQ(cancel_refund(queued).status, 404) << "twice";

  const std::string pending = at(post(refunds, refund_body("10.00")).body, "id");
  EXPECT_EQ(pending.substr(0, 3), "re_") << "a canceled one is no duplicate";
  clock.advance(seconds(1));
  EXPECT_EQ(at(get(refunds + "/" + pending).body, "status"), "pending");
  EXPECT_EQ(cancel_refund(pending).status, 204);

  const std::string done = at(post(refunds, refund_body("3.30")).body, "id");
  clock.advance(seconds(2));
  EXPECT_EQ(at(get(refunds + "/" + done).body, "status"), "processing");
  EXPECT_EQ(cancel_refund(done).status, 404) << "too late";
  clock.advance(seconds(1));
  EXPECT_EQ(at(get(refunds + "/" + done).body, "status"), "refunded");
  EXPECT_EQ(at(payment(id), "amountRefunded.value"), "3.30");
  EXPECT_EQ(notifications(), before + 2) << "of the one that was refunded alone";
}

TEST_F(SimulatorRefunds, ListsRefundsAndChargebacks) {
  const auto path = [](const std::string& href) { return href.substr(std::string("http://127.0.0.1:4000").size()); };
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const std::string created = create();
    ids.push_back(at(created, "id"));
    decide(created, "paid");
    EXPECT_EQ(post("/v2/payments/" + ids.back() + "/refunds", refund_body("1.00")).status, 201);
    EXPECT_EQ(send_form("/change-payment-state/" + ids.back(), "outcome=charged_back").status, 303);
  }
  EXPECT_EQ(post("/v2/payments/" + ids[0] + "/refunds", refund_body("0.50")).status, 422) << "nothing is left";
  for (const std::string name : {"refunds", "chargebacks"}) {
    SCOPED_TRACE(name);
    const std::string entries = "_embedded." + name + ".";
    const std::string first = get("/v2/" + name + "?limit=2").body;
    EXPECT_EQ(at(first, "count"), "2");
    EXPECT_EQ(at(first, entries + "0.paymentId"), ids[2]);
    EXPECT_EQ(at(first, "_links.previous"), "null");
    const std::string second = get(path(at(first, "_links.next.href"))).body;
    EXPECT_EQ(at(second, entries + "0.paymentId"), ids[0]);
    EXPECT_EQ(at(second, "_links.next"), "null");
    EXPECT_EQ(get(path(at(second, "_links.previous.href"))).body.find(ids[0]), std::string::npos);
    EXPECT_EQ(at(get("/v2/" + name + "?sort=asc").body, entries + "0.paymentId"), ids[0]);
    EXPECT_EQ(at(send(Method::get, "/v2/" + name, "", {.authorization = key_b}).body, "count"), "0");
    EXPECT_EQ(get("/v2/" + name + "?from=x").status, 400);

    const std::string one = "/v2/payments/" + ids[1] + "/" + name;
    EXPECT_EQ(at(get(one + "?limit=1").body, entries + "0.paymentId"), ids[1]);
    EXPECT_EQ(at(get(one + "?limit=1").body, "_links.next"), "null");
    EXPECT_EQ(get(one + "?limit=251").status, 400);
  }
}

TEST_F(SimulatorRefunds, PagesTheRefundsOfOnePayment) {
  const std::string created = create(), refunds = "/v2/payments/" + at(created, "id") + "/refunds";
  decide(created, "paid");
  std::vector<std::string> ids;
  for (const std::string_view value : {"1.00", "2.00", "3.00"})
    ids.push_back(at(post(refunds, refund_body(value)).body, "id"));
  const auto target = [](const std::string& href) { return href.substr(std::string("http://127.0.0.1:4000").size()); };
  const std::string first = get(refunds + "?limit=2").body;
  EXPECT_EQ(at(first, "_embedded.refunds.0.id"), ids[2]);
  const std::string second = get(target(at(first, "_links.next.href"))).body;
  EXPECT_EQ(at(second, "_embedded.refunds.0.id"), ids[0]);
  EXPECT_EQ(at(get(target(at(second, "_links.previous.href"))).body, "_embedded.refunds.1.id"), ids[1]);
  EXPECT_EQ(at(get(refunds + "?sort=asc&limit=1&from=" + ids[1]).body, "_embedded.refunds.0.id"), ids[1]);
  EXPECT_EQ(get(refunds + "?from=re_unknown").status, 400);
}

}  // namespace
}  // namespace paylink::simulator
