// The connector against the simulator, over real sockets: both sides of one protocol.
#include <gtest/gtest.h>

#include "providers/mollie/provider.hpp"
#include "simulator/simulator.hpp"
#include "simulator/testing.hpp"

namespace paylink {
namespace {

using app::NewProviderPayment;
using app::ProviderAccess;
using app::ProviderRefundState;
using simulator::testing::wait_for;

class MollieProvider : public ::testing::Test {
 protected:
  MollieProvider() { server->start(); }
  ~MollieProvider() override { server->stop(); }

  static Money euros(std::string_view value) { return *Money::parse_decimal(value, *Currency::parse("EUR")); }
  static NewProviderPayment wanted(std::string key, PaymentMethod method = PaymentMethod::credit_card) {
    return {euros("13.30"), method, "Order 7", "http://127.0.0.1:1/a", "", "0198c0de-0000-7000-8000-000000000001",
            std::move(key)};
  }
  void decide(const std::string& checkout_url, const std::string& outcome) {
    http::ClientRequest request;
    request.method = "POST";
    request.url = checkout_url;
    request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "outcome=" + outcome;
    const auto answer = wait_for(client->send(std::move(request)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 303);
  }

  static constexpr providers::mollie::Patience hasty{.wait = std::chrono::milliseconds(1)};
  SystemRandom random;
  ManualClock clock;
  TemporaryDirectory directory{random};
  std::unique_ptr<http::Client> client = http::Client::create();
  std::unique_ptr<simulator::Simulator> server =
      *simulator::Simulator::create({"127.0.0.1", 0, directory.file("simulator.db")}, clock, random, *client);
  providers::mollie::Provider provider{*client, server->base_url(), clock, random, hasty};
  ProviderAccess access{Secret("test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")};
};

TEST_F(MollieProvider, PaysAndRefunds) {
  const auto created = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(created) << created.error().detail;
  EXPECT_EQ(created->state, AttemptState::open);
  EXPECT_EQ(created->amount, euros("13.30"));
  EXPECT_EQ(created->attempt, "0198c0de-0000-7000-8000-000000000001");
  EXPECT_TRUE(created->cancelable);
  EXPECT_EQ(created->expires_at, clock.now() + std::chrono::minutes(30));
  EXPECT_TRUE(created->checkout_url.starts_with(server->base_url() + "/checkout/"));

  const auto again = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->id, created->id) << "the same key is the same payment";

  decide(created->checkout_url, "paid");
  const auto paid = wait_for(provider.find(access, created->id));
  ASSERT_TRUE(paid) << paid.error().detail;
  EXPECT_EQ(paid->state, AttemptState::paid);
  EXPECT_EQ(paid->checkout_url, "");
  EXPECT_FALSE(paid->cancelable);

  const auto refund = wait_for(provider.refund(access, created->id, {euros("13.30"), "Surplus", "our id", "key-2"}));
  ASSERT_TRUE(refund) << refund.error().detail;
  EXPECT_EQ(refund->state, ProviderRefundState::pending);
  const auto same = wait_for(provider.refund(access, created->id, {euros("13.30"), "Surplus", "our id", "key-2"}));
  ASSERT_TRUE(same) << same.error().detail;
  EXPECT_EQ(same->id, refund->id);
  EXPECT_EQ(refund->refund, "our id");
  const auto refunded = wait_for(provider.find(access, created->id));
  ASSERT_TRUE(refunded) << refunded.error().detail;
  ASSERT_EQ(refunded->refunds.size(), 1U);
  EXPECT_EQ(refunded->refunds.front().refund, "our id");
  clock.advance(std::chrono::seconds(3));
  const auto done = wait_for(provider.find_refund(access, created->id, refund->id));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->state, ProviderRefundState::refunded);
}

TEST_F(MollieProvider, HearsOfRefundsThatOthersMake) {
  const auto created = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(created) << created.error().detail;
  decide(created->checkout_url, "paid");
  clock.advance(std::chrono::hours(1));
  http::ClientRequest request;
  request.method = "POST";
  request.url = server->base_url() + "/v2/payments/" + created->id + "/refunds";
  request.fields = {{"Authorization", "Bearer " + access.credential.reveal()}, {"Content-Type", "application/json"}};
  request.body = R"({"amount":{"currency":"EUR","value":"3.30"},"description":"By hand"})";
  const auto made = wait_for(client->send(std::move(request)));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->status, 201);
  const auto found = wait_for(provider.find(access, created->id));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->paid_at, clock.now() - std::chrono::hours(1));
  ASSERT_EQ(found->refunds.size(), 1U);
  EXPECT_EQ(found->refunds[0].amount, euros("3.30"));
  EXPECT_EQ(found->refunds[0].refund, "");
  EXPECT_EQ(found->refunds[0].state, ProviderRefundState::pending);
}

TEST_F(MollieProvider, TellsWhatAPayerHasSwitchedTo) {
  const auto created = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(created);
  EXPECT_FALSE(created->method) << "a card, or a wallet";
  const auto choose = [&](const std::string& method) {
    http::ClientRequest request;
    request.method = "POST";
    request.url = created->checkout_url + "/method";
    request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "method=" + method;
    const auto answer = wait_for(client->send(std::move(request)));
    EXPECT_TRUE(answer && answer->status == 303);
    return wait_for(provider.find(access, created->id))->method;
  };
  EXPECT_EQ(choose("ideal"), PaymentMethod::ideal);
  EXPECT_EQ(choose("creditcard"), std::nullopt);
  EXPECT_EQ(choose("applepay"), PaymentMethod::apple_pay);
  EXPECT_EQ(choose("paypal"), PaymentMethod::paypal);
  decide(created->checkout_url, "paid");
  const auto paid = wait_for(provider.find(access, created->id));
  ASSERT_TRUE(paid) << paid.error().detail;
  EXPECT_EQ(paid->state, AttemptState::paid);
  EXPECT_EQ(paid->method, PaymentMethod::paypal);
}

TEST_F(MollieProvider, TellsOfChargebacks) {
  const auto created = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(created);
  decide(created->checkout_url, "paid");
  EXPECT_TRUE(wait_for(provider.find(access, created->id))->chargebacks.empty());
  decide(server->base_url() + "/change-payment-state/" + created->id, "charged_back");
  const auto taken = wait_for(provider.find(access, created->id));
  ASSERT_TRUE(taken) << taken.error().detail;
  EXPECT_EQ(taken->state, AttemptState::paid);
  ASSERT_EQ(taken->chargebacks.size(), 1U);
  EXPECT_EQ(taken->chargebacks.front().amount, euros("13.30"));
  EXPECT_FALSE(taken->chargebacks.front().reversed_at);
  const auto listed = wait_for(provider.chargebacks(access));
  ASSERT_TRUE(listed && listed->size() == 1U);
  EXPECT_EQ(listed->front().payment_id, created->id);
  EXPECT_EQ(listed->front().chargeback.id, taken->chargebacks.front().id);
  EXPECT_EQ(listed->front().chargeback.amount, euros("13.30"));
  decide(server->base_url() + "/change-payment-state/" + created->id, "chargeback_reversed");
  const auto reversed = wait_for(provider.find(access, created->id));
  ASSERT_TRUE(reversed && reversed->chargebacks.size() == 1U);
  EXPECT_TRUE(reversed->chargebacks.front().reversed_at);
}

TEST_F(MollieProvider, ReadsEachOutcome) {
  struct Case {
    const char* outcome;
    AttemptState state;
  };
  for (const Case& c : {Case{"failed", AttemptState::failed}, Case{"canceled", AttemptState::canceled},
                        Case{"expired", AttemptState::expired}, Case{"pending", AttemptState::pending}}) {
    SCOPED_TRACE(c.outcome);
    const auto created = wait_for(provider.create(access, wanted(c.outcome, PaymentMethod::paypal)));
    ASSERT_TRUE(created) << created.error().detail;
    decide(created->checkout_url, c.outcome);
    const auto found = wait_for(provider.find(access, created->id));
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->state, c.state);
  }
}

TEST_F(MollieProvider, CancelsWhereTheMethodAllows) {
  const auto card = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(card);
  const auto canceled = wait_for(provider.cancel(access, card->id));
  ASSERT_TRUE(canceled) << canceled.error().detail;
  EXPECT_EQ(canceled->state, AttemptState::canceled);

  const auto ideal = wait_for(provider.create(access, wanted("key-2", PaymentMethod::ideal)));
  ASSERT_TRUE(ideal);
  EXPECT_FALSE(ideal->cancelable);
  const auto refused = wait_for(provider.cancel(access, ideal->id));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(MollieProvider, TellsFailuresApart) {
  const auto created = wait_for(provider.create(access, wanted("key-1")));
  ASSERT_TRUE(created);
  auto other = wanted("key-1");
  other.amount = euros("13.31");
  const auto reused = wait_for(provider.create(access, other));
  ASSERT_FALSE(reused);
  EXPECT_EQ(reused.error().code, ErrorCode::invalid_input) << "the key was used for another amount";

  const auto unpaid = wait_for(provider.refund(access, created->id, {euros("13.30"), "Surplus", "our id", "key-2"}));
  ASSERT_FALSE(unpaid);
  EXPECT_EQ(unpaid.error().code, ErrorCode::invalid_input);

  decide(created->checkout_url, "paid");
  ASSERT_TRUE(wait_for(provider.refund(access, created->id, {euros("13.30"), "Surplus", "our id", "key-3"})));
  const auto twice = wait_for(provider.refund(access, created->id, {euros("13.30"), "Surplus", "our id", "key-4"}));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::conflict) << "a duplicate in short succession";

  for (const std::string id : {"tr_unknown", "tr_../methods", "re_1", ""}) {
    SCOPED_TRACE(id);
    const auto unknown = wait_for(provider.find(access, id));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
  }
  const auto no_refund = wait_for(provider.find_refund(access, created->id, "re_unknown"));
  ASSERT_FALSE(no_refund);
  EXPECT_EQ(no_refund.error().code, ErrorCode::not_found);

  const ProviderAccess wrong{Secret("live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")};
  const auto refused = wait_for(provider.find(wrong, created->id));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "provider_refuses_key");
}

TEST_F(MollieProvider, SaysWhoseAKeyIs) {
  const auto profile = wait_for(provider.profile(access));
  ASSERT_TRUE(profile) << profile.error().detail;
  EXPECT_TRUE(profile->id.starts_with("pfl_") && profile->name.starts_with("Test shop")) << profile->id;
  EXPECT_FALSE(profile->is_blocked);
  const auto other = wait_for(provider.profile({Secret("test_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")}));
  ASSERT_TRUE(other);
  EXPECT_NE(other->id, profile->id) << "each key is a merchant of its own";
  const auto refused = wait_for(provider.profile({Secret("live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "provider_refuses_key");
}

TEST_F(MollieProvider, IsUnavailableWithoutAServer) {
  {
    const TemporaryDirectory other_directory(random);
    auto other =
        *simulator::Simulator::create({"127.0.0.1", 0, other_directory.file("other.db")}, clock, random, *client);
    providers::mollie::Provider gone(*client, other->base_url(), clock, random, hasty);
    other.reset();  // nobody listens on that port any more
    const auto answer = wait_for(gone.create(access, wanted("key-1")));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
    EXPECT_EQ(answer.error().reason, "connect_failed");
  }
}

}  // namespace
}  // namespace paylink
