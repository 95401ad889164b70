#include "app/chargeback_looks.hpp"

#include <gtest/gtest.h>

#include "app/connections.hpp"
#include "app/testing.hpp"
#include "store/provider_grants.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::now;
using app::testing::Shop;

// A shop none of whose notices arrives.
class ChargebackLooksTest : public ::testing::Test, public Shop {
 protected:
  // One payment of 13.30, as tr_1.
  void pay() {
    const Attempt attempt = begin();
    provider.pay("tr_1");
    settle(attempt);
  }
  // The payer's bank takes a payment back, or gives it up again.
  void take_back(const std::string& payment, const std::string& id, std::optional<Time> reversed_at = {}) {
    const ProviderChargeback chargeback{id, provider.payments.at(payment).amount, database.clock.now(), reversed_at};
    provider.payments.at(payment).chargebacks = {chargeback};
    std::erase_if(provider.charged_back, [&](const auto& listed) { return listed.chargeback.id == id; });
    provider.charged_back.insert(provider.charged_back.begin(), {payment, chargeback});
  }
  int look() {
    const auto looked = now(looks.look(50));
    EXPECT_TRUE(looked);
    return looked ? *looked : -1;
  }
  std::string books() {
    return std::to_string(database.number("SELECT COUNT(*) FROM chargebacks")) + " " +
           std::to_string(database.number("SELECT COUNT(*) FROM chargebacks WHERE reversed_at IS NOT NULL"));
  }

  ChargebackLooks looks{lane, provider, keys};
};

TEST_F(ChargebackLooksTest, FindWhatNoNoticeToldOf) {
  pay();
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(books(), "0 0");
  take_back("tr_1", "chb_1");
  EXPECT_EQ(look(), 0) << "its time has not come";
  database.clock.advance(8h);
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(books(), "1 0");
  expect_sound_books();
  const int finds = provider.finds;
  database.clock.advance(8h);
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.finds, finds) << "there is no news";
  take_back("tr_1", "chb_1", database.clock.now());
  database.clock.advance(8h);
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(books(), "1 1");
  expect_sound_books();
}

// An account may be used by others, too.
TEST_F(ChargebackLooksTest, AskOnceAboutPaymentsOfOthers) {
  pay();
  provider.payments.emplace("tr_9", provider.payments.at("tr_1")).first->second.attempt = "";
  provider.payments.at("tr_9").id = "tr_9";
  take_back("tr_9", "chb_9");
  provider.charged_back.push_back({"tr_8", provider.charged_back.front().chargeback});
  provider.charged_back.back().chargeback.id = "chb_8";
  const int finds = provider.finds;
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.finds, finds + 2);
  database.clock.advance(8h);
  take_back("tr_1", "chb_1");
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.finds, finds + 3) << "only what is newer than the last one seen";
  EXPECT_EQ(books(), "1 0");
}

// What was not dealt with comes again; and whose list is not to be had does not keep others waiting.
TEST_F(ChargebackLooksTest, GoOnAfterAFailure) {
  pay();
  take_back("tr_1", "chb_1");
  provider.failures = {FakeProvider::silent()};
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.chargeback_lists, 1);
  database.clock.advance(8h);
  provider.failures = {};
  const int finds = provider.finds;
  provider.during_find = [&] { provider.failures = {FakeProvider::silent()}; };
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.finds, finds + 1);
  EXPECT_EQ(books(), "0 0");
  database.clock.advance(8h);
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(books(), "1 0");
}

// Also of a connection that takes no payments any more.
TEST_F(ChargebackLooksTest, GoOnAfterTheEndOfAConnection) {
  pay();
  EXPECT_TRUE(
      database.write([&](sql::Transaction& tx) { return disable_connection(organization.id, connection, tx); }));
  take_back("tr_1", "chb_1");
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(books(), "1 0");
}

// A merchant who goes takes the key back, sooner or later.
TEST_F(ChargebackLooksTest, EndWithTheKeyOfADisabledConnection) {
  provider.always = FakeProvider::key_refused();
  EXPECT_EQ(look(), 1);
  database.clock.advance(8h);
  EXPECT_EQ(look(), 1) << "of one that is enabled it may be a passing trouble";
  EXPECT_TRUE(
      database.write([&](sql::Transaction& tx) { return disable_connection(organization.id, connection, tx); }));
  database.clock.advance(8h);
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.chargeback_lists, 3);
  database.clock.advance(24h * 365);
  EXPECT_EQ(look(), 0);
}

// Nothing is sent with the token of an authorization that is over.
TEST_F(ChargebackLooksTest, AskNobodyWithoutAToken) {
  const auto grant = ProviderGrantId::create(database.clock.now(), database.random);
  EXPECT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    store::ProviderGrants grants(tx);
    TRY(grants.insert({.organization = organization.id,
                       .id = grant,
                       .connection = connection,
                       .user = UserId(organization.id.uuid()),
                       .revision = 0,
                       .created_at = tx.now(),
                       .state_at = tx.now(),
                       .due_at = {}}));
    auto stored = TRY(store::Connections(tx).find(organization.id, connection));
    stored.grant = grant;
    return store::Connections(tx).update(stored);
  }));
  EXPECT_EQ(look(), 1);
  EXPECT_EQ(provider.chargeback_lists, 0);
}

TEST_F(ChargebackLooksTest, EndWhenTheyAreStopped) {
  looks.stop();
  EXPECT_EQ(look(), 0);
  EXPECT_EQ(provider.chargeback_lists, 0);
}

}  // namespace
}  // namespace paylink::app
