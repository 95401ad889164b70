#include <gtest/gtest.h>

#include "app/create_payment_link.hpp"
#include "app/expire_links.hpp"
#include "app/find_payment_link.hpp"
#include "app/retention.hpp"
#include "app/view_link.hpp"
#include "store/connections.hpp"
#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

class LinksTest : public testing::Test {
 protected:
  void connect(OrganizationId who, ConnectionStatus status) {
    ASSERT_TRUE(database.write(who, [&](sql::Transaction& tx) {
      return store::Connections(tx).insert({who, ConnectionId::create(tx.now(), tx.random()), "mollie", "test", status,
                                            "sealed", BankAccountId::create(tx.now(), tx.random())});
    }));
  }
  Result<PaymentLink> create() {
    const CreatePaymentLink command{{PaymentMethod::paypal}, Reusable::no, store::testing::euros(1330), Basket{"[]"}};
    return database.write(caller.organization,
                          [&](sql::Transaction& tx) { return create_payment_link(command, caller, tx); });
  }
  Result<PaymentLink> find(PaymentLinkId id, const Caller& who) {
    return database.write(who.organization, [&](sql::Transaction& tx) { return find_payment_link({id}, who, tx); });
  }

  Database database;
  Organization organization = store::testing::add_organization(database, "shop");
  Caller caller{organization.id, Uuid::v4(database.random), {}};
};

TEST_F(LinksTest, NeedAConnectionThatIsEnabled) {
  EXPECT_EQ(create().error().message, "connection with the provider does not exist");
  for (const auto status : {ConnectionStatus::disabled, ConnectionStatus::pending}) connect(organization.id, status);
  EXPECT_EQ(create().error().reason, "invalid");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM payment_links"), 0);
  connect(store::testing::add_organization(database, "other").id, ConnectionStatus::enabled);
  EXPECT_FALSE(create().has_value());  // another organization's does not count
  ASSERT_TRUE(database.execute_script("UPDATE connections SET status = 'enabled' WHERE status = 'pending'"));
  EXPECT_TRUE(create().has_value());
}

TEST_F(LinksTest, LastAYearAndAreToldOf) {
  connect(organization.id, ConnectionStatus::enabled);
  const auto link = create();
  ASSERT_TRUE(link.has_value());
  EXPECT_EQ(link->status, LinkStatus::open);
  EXPECT_EQ(to_rfc3339(link->expiration_date), "2025-03-20T09:00:00Z");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events WHERE type = 'v1/payment-links' AND"
                            " payload LIKE '%\"event\":\"created\"%'"),
            1);
}

TEST_F(LinksTest, EndAtTheSecondThatIsShown) {
  connect(organization.id, ConnectionStatus::enabled);
  database.clock.advance(700ms);
  const auto link = create();
  ASSERT_TRUE(link.has_value());
  const Time shown = *parse_rfc3339(to_rfc3339(link->expiration_date));
  database.clock.advance(shown - database.clock.now() - 1us);
  EXPECT_EQ(find(link->id, caller)->status, LinkStatus::open);
  database.clock.advance(1us);
  EXPECT_EQ(find(link->id, caller)->status, LinkStatus::expired);
}

TEST_F(LinksTest, NeverShowAStatusThatLagsTheClock) {
  connect(organization.id, ConnectionStatus::enabled);
  const auto link = create();
  database.clock.advance(link->expiration_date - database.clock.now() - 1us);
  EXPECT_EQ(find(link->id, caller)->status_at(database.clock.now()), LinkStatus::open);
  database.clock.advance(1us);
  EXPECT_EQ(find(link->id, caller)->status_at(database.clock.now()), LinkStatus::expired);
  const auto view = database.write(
      organization.id, [&](sql::Transaction& tx) { return view_link({organization.id, link->resource_id}, tx); });
  EXPECT_EQ(view->link.status, LinkStatus::expired);
  EXPECT_EQ(view->merchant, "Shop shop");

  EXPECT_EQ(*database.write([](sql::Transaction& tx) { return expire_links(10, tx); }), 1);
  EXPECT_EQ(find(link->id, caller)->status, LinkStatus::expired);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), 2);
  EXPECT_EQ(*database.write([](sql::Transaction& tx) { return expire_links(10, tx); }), 0);
}

TEST_F(LinksTest, AreNotFoundByOthers) {
  connect(organization.id, ConnectionStatus::enabled);
  const auto link = create();
  const Organization other = store::testing::add_organization(database, "other");
  const auto foreign = find(link->id, {other.id, caller.principal, {}});
  const auto unknown = find(PaymentLinkId(Uuid::v4(database.random)), caller);
  ASSERT_FALSE(foreign || unknown);
  EXPECT_EQ(foreign.error().reason, "not_found");
  EXPECT_EQ(foreign.error().message, unknown.error().message);
  EXPECT_FALSE(
      database.write(other.id, [&](sql::Transaction& tx) { return view_link({other.id, link->resource_id}, tx); })
          .has_value());
}

TEST_F(LinksTest, LeaveTheOutboxAfterAWeek) {
  connect(organization.id, ConnectionStatus::enabled);
  ASSERT_TRUE(create().has_value());
  const auto purge = [](sql::Transaction& tx) { return purge_old_rows(10, tx); };
  database.clock.advance(std::chrono::days(7));
  EXPECT_EQ(*database.write(purge), 0);
  database.clock.advance(1s);
  EXPECT_EQ(*database.write(purge), 1);
}

}  // namespace
}  // namespace paylink::app
