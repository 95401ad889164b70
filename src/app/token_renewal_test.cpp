#include "app/token_renewal.hpp"

#include "app/due_times.hpp"
#include "app/refund_payment.hpp"
#include "app/testing_connect.hpp"
#include "base/log.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using testing::FakeConnect;
using testing::FakeProvider;
using testing::now;

class TokenRenewalTest : public testing::ConnectTest {
 protected:
  std::string renew(const ProviderAccess& refused) {
    const auto renewed = now(renewal.renew(*refused.granted));
    return renewed ? renewed->credential.reveal() : renewed.error().reason;
  }
  std::size_t renewals() const { return at_provider.refreshed.size(); }
  std::int64_t alerts(const char* kind) {
    const sql::Value values[] = {kind};
    return database.ask("SELECT COUNT(*) FROM connection_alerts WHERE kind = $1", values).front().integer(0);
  }
};

TEST_F(TokenRenewalTest, RenewsWellBeforeTheHourIsOver) {
  connect();
  let_pass(1min);
  look_after();
  const std::size_t before = renewals();
  for (int i = 0; i < 39; ++i) {
    let_pass(1min);
    look_after();
  }
  EXPECT_EQ(renewals(), before) << "two thirds of its life";
  for (int i = 0; i < 7; ++i) {
    let_pass(1min);
    look_after();
  }
  EXPECT_EQ(renewals(), before + 1);
  EXPECT_EQ(token(), "access-" + std::to_string(before + 2));
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
}

TEST_F(TokenRenewalTest, TakesANewRefreshTokenWhenThereIsOne) {
  connect();
  at_provider.rotates = true;
  let_pass(1h);
  look_after();
  let_pass(1h);
  look_after();
  EXPECT_EQ(at_provider.refreshed, (std::vector<std::string>{"refresh-1", "refresh-2"}));
}

TEST_F(TokenRenewalTest, RenewsWhatWasRefusedOnce) {
  connect();
  RefreshingProvider refreshing(provider, renewal);
  const ProviderAccess old = access();
  EXPECT_EQ(renew(old), "provider_refuses_key") << "it was issued just now";
  let_pass(2min);
  provider.failures = {FakeProvider::key_refused()};
  EXPECT_TRUE(now(refreshing.methods(old, {}))) << "asked again with a new one";
  EXPECT_EQ(token(), "access-2");
  EXPECT_EQ(renew(old), "access-2") << "somebody has renewed it already";
  EXPECT_EQ(renewals(), 1U);
  let_pass(2min);
  provider.failures = {FakeProvider::key_refused(), FakeProvider::key_refused()};
  EXPECT_EQ(now(refreshing.methods(access(), {})).error().reason, "provider_refuses_key") << "once";
  EXPECT_EQ(renewals(), 2U);
  provider.failures = {FakeProvider::silent()};
  EXPECT_EQ(now(refreshing.methods(access(), {})).error().reason, "provider_unavailable");
  EXPECT_EQ(renewals(), 2U) << "silence is no refusal";
  provider.failures = {FakeProvider::key_refused()};
  EXPECT_EQ(now(refreshing.methods(ProviderAccess{Secret("test_key")}, {})).error().reason, "provider_refuses_key");
  EXPECT_EQ(renewals(), 2U) << "a key cannot be renewed";
}

// What was issued, or begun, a day ahead is not just being done.
TEST_F(TokenRenewalTest, RenewsWhenTheClockWasSetBack) {
  let_pass(24h);
  connect();
  let_pass(2min);
  at_provider.during_refresh = [&] {
    EXPECT_EQ(renew(access()), "provider_unavailable") << "it is just being renewed";
    let_pass(-24h);
    EXPECT_EQ(renew(access()), "access-2");
  };
  EXPECT_EQ(renew(access()), "access-3");
}

TEST_F(TokenRenewalTest, AlarmsTheOperatorOnlyForGood) {
  connect();
  RefreshingProvider refreshing(provider, renewal);
  const auto logged = [&](std::vector<Failure> failures) {
    let_pass(2min);
    provider.failures = {failures.begin(), failures.end()};
    ::testing::internal::CaptureStderr();
    start_logging(LogLevel::info);
    [[maybe_unused]] const auto asked = now(refreshing.methods(access(), {}));
    stop_logging();
    return ::testing::internal::GetCapturedStderr();
  };
  const auto is_alarm = [](const std::string& log) { return log.find(R"("level":"error")") != std::string::npos; };
  const Failure refused = FakeProvider::key_refused();
  EXPECT_FALSE(is_alarm(logged({refused})));
  EXPECT_TRUE(is_alarm(logged({refused, refused}))) << "the new one too";
  at_provider.always = FakeConnect::grant_refused();
  EXPECT_TRUE(is_alarm(logged({refused}))) << "there is no new one";
  EXPECT_FALSE(is_alarm(logged({}))) << "nothing is asked any more";
}

// On two nodes, or in two flows.
TEST_F(TokenRenewalTest, RenewsOnceAtATime) {
  connect();
  at_provider.rotates = true;
  let_pass(2min);
  const ProviderAccess old = access();
  TokenRenewal elsewhere(lane, at_provider, keys);
  std::string second;
  at_provider.during_refresh = [&] {
    ENSURE(database.execute_script("UPDATE provider_grants SET due_at = 1"));
    EXPECT_EQ(*now(elsewhere.look_after(1)), 1) << "which leaves the lease to whose it is";
    const auto renewed = now(elsewhere.renew(*old.granted));
    second = renewed ? renewed->credential.reveal() : renewed.error().reason;
  };
  EXPECT_EQ(renew(old), "access-2");
  EXPECT_EQ(second, "provider_unavailable") << "while it is under way";
  EXPECT_EQ(now(elsewhere.renew(*old.granted))->credential.reveal(), "access-2");
  EXPECT_EQ(renewals(), 1U);
}

TEST_F(TokenRenewalTest, RenewsAtOnceWhenWhoeverDidIsGone) {
  connect();
  let_pass(2min);
  const ProviderAccess old = access();
  at_provider.during_refresh = [&] {
    EXPECT_EQ(renew(old), "provider_unavailable");
    ENSURE(database.write(end_renewal_leases));
    EXPECT_EQ(renew(old), "access-2");
  };
  EXPECT_EQ(renew(old), "access-3") << "which the provider has issued after all";
  EXPECT_EQ(token(), "access-2");
}

// Its process died between hearing it and keeping it: the one that was kept is worth nothing, and nobody has another.
TEST_F(TokenRenewalTest, EndsAConnectionWhoseNewRefreshTokenWasLost) {
  at_provider.rotates = true;
  connect();
  let_pass(2min);
  lane.writes_left = 1;
  EXPECT_EQ(renew(access()), "down");
  lane.writes_left = -1;
  EXPECT_EQ(token(), "access-1");
  EXPECT_EQ(renew(access()), "provider_unavailable") << "it may still be under way";
  let_pass(91s);
  EXPECT_EQ(renew(access()), "provider_refuses_key");
  EXPECT_EQ(stored().status, ConnectionStatus::disabled);
  EXPECT_EQ(states(), "gone");
  EXPECT_EQ(alerts("authorization_lost"), 1);
  EXPECT_EQ(events(), "1 1");
  EXPECT_EQ(look_after(), 0);
}

// Whoever held it for too long finds what others did meanwhile, even that its own token was refused for it.
TEST_F(TokenRenewalTest, LeavesWhatOthersHaveRenewed) {
  connect();
  let_pass(2min);
  const ProviderAccess old = access();
  at_provider.during_refresh = [&] {
    let_pass(91s);
    EXPECT_EQ(renew(old), "access-2");
    at_provider.always = FakeConnect::grant_refused();
  };
  EXPECT_EQ(renew(old), "provider_refuses_key");
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  EXPECT_EQ(token(), "access-2");
  EXPECT_EQ(alerts("authorization_lost"), 0);
}

TEST_F(TokenRenewalTest, ChangesNothingWhileTheProviderIsSilent) {
  connect();
  const auto our_fault = fail(ErrorCode::internal, "application_refused", "");
  for (const Failure& failure : {FakeProvider::silent(), our_fault}) {
    at_provider.always = failure;
    for (int i = 0; i < 300; ++i) {
      let_pass(1min);
      look_after();
    }
    EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  }
  EXPECT_LT(renewals(), 60U) << "at longer and longer intervals";
  EXPECT_GT(renewals(), 20U);
  EXPECT_EQ(events(), "1 0");
  at_provider.always.reset();
  let_pass(40min);
  look_after();
  EXPECT_EQ(token(), "access-2");
}

// The provider would say of another application's tokens that they are worth nothing.
TEST_F(TokenRenewalTest, NeverAsksAsAnotherApplication) {
  connect();
  at_provider.always = FakeConnect::grant_refused();
  at_provider.application = "app_other";
  for (int i = 0; i < 300; ++i) {
    let_pass(1min);
    look_after();
  }
  EXPECT_EQ(renewals(), 0U);
  EXPECT_EQ(renew(access()), "provider_unavailable");
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  EXPECT_EQ(alerts("authorization_lost"), 0);
  at_provider.always.reset();
  at_provider.application = "app_ours";
  let_pass(40min);
  look_after();
  EXPECT_EQ(token(), "access-2");
}

// Whose application nobody wrote down is ours, whichever that is now.
TEST_F(TokenRenewalTest, RenewsWhatWasAuthorizedBeforeApplicationsWereKept) {
  connect();
  ENSURE(database.execute_script("UPDATE provider_grants SET client_id = ''"));
  at_provider.application = "app_other";
  let_pass(40min);
  look_after();
  EXPECT_EQ(token(), "access-2");
  EXPECT_EQ(database.ask("SELECT client_id FROM provider_grants", {}).front().text(0), "app_other");
}

// Its merchant authorizes the new one, and the old one's tokens are forgotten.
TEST_F(TokenRenewalTest, TakesANewApplicationWhenItsMerchantDoes) {
  connect();
  at_provider.application = "app_other";
  let_pass(1s);
  connect();
  let_pass(2min);
  EXPECT_EQ(renew(access()), "access-3");
  EXPECT_EQ(states(), "gone used");
  EXPECT_TRUE(at_provider.revoked.empty());
}

TEST_F(TokenRenewalTest, RevokesNothingAsAnotherApplication) {
  connect();
  ENSURE(database.write([&](sql::Transaction& tx) { return disable_connection(shop.id, connection.id, tx); }));
  at_provider.application = "app_other";
  for (int day = 0; day < 8; ++day) {
    let_pass(24h);
    look_after();
  }
  EXPECT_TRUE(at_provider.revoked.empty());
  EXPECT_EQ(states(), "gone");
  EXPECT_EQ(alerts("authorization_not_revoked"), 1);
}

TEST_F(TokenRenewalTest, EndsAConnectionThatTheProviderHasEnded) {
  connect();
  at_provider.always = FakeConnect::grant_refused();
  let_pass(1h);
  look_after();
  EXPECT_EQ(stored().status, ConnectionStatus::disabled);
  EXPECT_EQ(events(), "1 1");
  EXPECT_EQ(alerts("authorization_lost"), 1);
  EXPECT_EQ(states(), "gone");
  EXPECT_EQ(token(), "");
  RefreshingProvider refreshing(provider, renewal);
  const int asked = provider.methods_calls;
  EXPECT_EQ(now(refreshing.methods(access(), {})).error().reason, "provider_refuses_key");
  EXPECT_EQ(provider.methods_calls, asked) << "with nothing in its hands it does not ask";
  let_pass(24h);
  EXPECT_EQ(look_after(), 0);
}

TEST_F(TokenRenewalTest, WaitsForALiveAccount) {
  at_provider.said.is_complete = false;
  connect("live");
  EXPECT_EQ(stored().status, ConnectionStatus::pending);
  EXPECT_EQ(states(), "waiting");
  EXPECT_EQ(events(), "0 0");
  int looks = 0;
  for (int i = 0; i < 24 * 60; ++i) {
    let_pass(1min);
    looks += look_after();
  }
  EXPECT_GT(looks, 8);
  EXPECT_LT(looks, 20) << "at longer and longer intervals";
  at_provider.refused_token = "access-1";  // an old one
  at_provider.said.is_complete = true;
  let_pass(8h);
  look_after();
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  EXPECT_EQ(states(), "used");
  EXPECT_EQ(events(), "1 0");
}

TEST_F(TokenRenewalTest, AsksAboutAnAccountWhenTheClockWasSetBack) {
  const auto look = [](sql::Transaction& tx) { return bring_forward(10, tx); };
  at_provider.said.is_complete = false;
  let_pass(72h);
  connect("live");
  at_provider.said.is_complete = true;
  let_pass(-71h);
  look_after();
  EXPECT_EQ(states(), "waiting") << "its time has not come for three days";
  EXPECT_EQ(*database.write(look), 1);
  EXPECT_EQ(*database.write(look), 0);
  let_pass(2min);
  look_after();
  EXPECT_EQ(states(), "used");
  ASSERT_TRUE(database.execute_script("UPDATE provider_grants SET due_at = due_at + 864000000000"));
  EXPECT_EQ(*database.write(look), 0) << "a token may live for long";
}

TEST_F(TokenRenewalTest, WaitsForNoTestAccountAndNotForEver) {
  at_provider.said.is_complete = false;
  connect("test");
  EXPECT_EQ(stored().status, ConnectionStatus::enabled) << "tests need nobody's consent";
  ENSURE(now(provider_keys.disconnect(at_page(owner))));
  look_after();
  connection.id = ConnectionId::create(database.clock.now(), database.random);
  ENSURE(database.write([&](sql::Transaction& tx) { return store::Connections(tx).insert(connection); }));
  connect("live");
  for (int i = 0; i < 61; ++i) {
    let_pass(24h);
    look_after();
  }
  EXPECT_EQ(stored().status, ConnectionStatus::disabled);
  EXPECT_EQ(events(), "1 1") << "it never was enabled";
}

TEST_F(TokenRenewalTest, RevokesWhenNothingNeedsItAnyMore) {
  connect();
  const auto link = store::testing::add_link(database, shop.id);
  RefreshingProvider refreshing(provider, renewal);
  Payments payments(lane, refreshing, keys, "https://pay.example.com");
  const auto attempt = now(payments.start({shop.id, link.resource_id, PaymentMethod::credit_card, "payer@example.com",
                                           Uuid::v4(database.random), StartOver::no}));
  ASSERT_TRUE(attempt.has_value());
  ENSURE(now(provider_keys.disconnect(at_page(owner))));
  EXPECT_EQ(look_after(), 1);
  EXPECT_EQ(states(), "ended");
  provider.pay("tr_1");
  EXPECT_EQ(now(payments.settle(shop.id, attempt->id))->state, AttemptState::paid) << "is still settled";
  let_pass(5min);
  EXPECT_EQ(look_after(), 1);
  EXPECT_EQ(at_provider.revoked, std::vector<std::string>{"refresh-1"});
  EXPECT_EQ(states(), "gone");
  EXPECT_EQ(now(payments.settle(shop.id, attempt->id))->state, AttemptState::paid);
}

TEST_F(TokenRenewalTest, RevokesAfterADayWhateverIsUnderWay) {
  connect();
  const auto link = store::testing::add_link(database, shop.id);
  Payments payments(lane, provider, keys, "https://pay.example.com");
  ENSURE(now(payments.start({shop.id, link.resource_id, PaymentMethod::credit_card, "payer@example.com",
                             Uuid::v4(database.random), StartOver::no})));
  ENSURE(now(provider_keys.disconnect(at_page(owner))));
  for (int i = 0; i < 23; ++i) {
    let_pass(1h);
    look_after();
  }
  EXPECT_TRUE(at_provider.revoked.empty());
  let_pass(1h);
  look_after();
  EXPECT_EQ(at_provider.revoked.size(), 1U);
}

// What was begun by an authorization that has ended belongs to whom the merchant has connected since.
TEST_F(TokenRenewalTest, TheNextConnectionOfTheSameProfileSettlesAndRefunds) {
  connect();
  const auto link = store::testing::add_link(database, shop.id);
  RefreshingProvider refreshing(provider, renewal);
  Payments payments(lane, refreshing, keys, "https://pay.example.com");
  const auto attempt = now(payments.start({shop.id, link.resource_id, PaymentMethod::credit_card, "payer@example.com",
                                           Uuid::v4(database.random), StartOver::no}));
  ASSERT_TRUE(attempt.has_value());
  const auto settle = [&] { return now(payments.settle(shop.id, attempt->id))->state; };
  const auto refund = [&] {
    return database.write([&](sql::Transaction& tx) {
      return refund_payment({{link.id, attempt->id}, store::testing::euros(100)}, {shop.id, {}, {}}, tx);
    });
  };
  at_provider.always = FakeConnect::grant_refused();
  let_pass(1h);
  look_after();
  EXPECT_EQ(stored().status, ConnectionStatus::disabled);
  at_provider.always.reset();
  provider.pay("tr_1");
  EXPECT_EQ(settle(), AttemptState::open) << "nobody may ask";

  connection.id = ConnectionId::create(database.clock.now(), database.random);
  ENSURE(database.write([&](sql::Transaction& tx) { return store::Connections(tx).insert(connection); }));
  connect();
  let_pass(1min);
  EXPECT_EQ(settle(), AttemptState::paid);
  ASSERT_TRUE(refund());
  ASSERT_TRUE(now(payments.reconcile_refunds(10)));
  EXPECT_EQ(provider.refunds.size(), 1U);

  at_provider.always = FakeConnect::grant_refused();
  let_pass(1h);
  look_after();
  EXPECT_EQ(refund().error().reason, "invalid_status") << "that nobody could do";
}

TEST_F(TokenRenewalTest, GivesUpRevokingAfterAWeekWithAnAlert) {
  connect();
  ENSURE(now(provider_keys.disconnect(at_page(owner))));
  EXPECT_EQ(stored().status, ConnectionStatus::disabled) << "whatever the provider says";
  at_provider.always = FakeProvider::silent();
  for (int i = 0; i < 7 * 24; ++i) {
    look_after();
    let_pass(1h);
  }
  EXPECT_EQ(states(), "ended");
  EXPECT_EQ(alerts("authorization_not_revoked"), 0);
  let_pass(8h);
  look_after();
  EXPECT_EQ(states(), "gone");
  EXPECT_EQ(alerts("authorization_not_revoked"), 1);
}

}  // namespace
}  // namespace paylink::app
