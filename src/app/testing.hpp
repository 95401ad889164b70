#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/authenticate.hpp"
#include "app/install.hpp"
#include "app/lane.hpp"
#include "app/payments.hpp"
#include "app/testing_provider.hpp"
#include "crypto/token.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"
#include "store/testing.hpp"

// What tests of flows and endpoints share.
namespace paylink::app::testing {

// Runs everything at once, each step in a transaction of its own, behind the wall of its tenant. After `writes_left`
// writes nothing can be stored any more: what a crash of the process looks like to the flow that was under way.
class TestLane final : public Lane {
 public:
  explicit TestLane(store::testing::Database& database) : database_(database) {}

  void submit_write(Work& work) noexcept override {
    ++writes;
    if (writes_left == 0) return work.done(fail(ErrorCode::unavailable, "down", "Crashed."));
    if (writes_left > 0) --writes_left;
    run(work);
  }
  void submit_read(Work& work) noexcept override {
    ++reads;
    run(work);
  }

  int writes_left = -1;  // -1: there is no crash
  int writes = 0;
  int reads = 0;
  std::vector<sql::Tenant> tenants;  // of what has run

 private:
  void run(Work& work) {
    tenants.push_back(work.tenant());
    Result<> outcome = database_.write(tenants.back(), [&](sql::Transaction& tx) -> Result<> {
      try {
        return work.run(tx);
      } catch (const std::exception& exception) {
        return fail(ErrorCode::internal, "bug", "Something went wrong on our side.", exception.what());
      }
    });
    work.done(std::move(outcome));
  }

  store::testing::Database& database_;
};

// A database with one organization, and its API key with every scope.
struct TestInstallation {
  explicit TestInstallation(store::testing::Database& database)
      : id(Uuid::v7(database.clock.now(), database.random)),
        secret(crypto::make_token(id, database.random)),
        installation{{OrganizationId(id), "shop", "Shop"},
                     BankAccountId(id),
                     "FR76",
                     "BIC",
                     "EUR",
                     UserId(id),
                     MembershipId(id),
                     "owner@example.com",
                     "hash",
                     ApiKeyId(id),
                     secret} {
    ENSURE(database.write([&](sql::Transaction& tx) { return install(installation, keys, tx); }));
  }

  // As the Authorization field says it.
  std::string api_key() const { return "shop:" + secret.reveal(); }
  store::Delegation delegation_to(store::OauthClientId client) const {
    return {OrganizationId(id), MembershipId(id), client};
  }

  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  Uuid id;
  Secret secret;
  Installation installation;
};

// What an Authorization field lets its bearer do; nothing when it is not believed.
inline std::optional<Caller> caller_of(const std::string& authorization, const crypto::KeyRing& keys,
                                       store::testing::Database& database) {
  const auto presented = read_authorization(authorization, 1, keys);
  ENSURE(presented.has_value());
  const auto found =
      database.write(presented->organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); });
  return found ? std::optional(found->caller) : std::nullopt;
}

// An access token that an application has got, as the Authorization field says it.
inline std::string issue_bearer(const store::Delegation& who, std::string_view scopes, const crypto::KeyRing& keys,
                                store::testing::Database& database) {
  const Secret token = crypto::make_token(who.organization.uuid(), database.random);
  ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
    const store::Grant grant{store::GrantId::create(tx.now(), tx.random()), who, *Scopes::parse(scopes), {}};
    store::OauthGrants grants(tx);
    TRY(grants.insert_grant(grant));
    return grants.insert_token(grant, {AccessTokenId::create(tx.now(), tx.random()),
                                       store::TokenKind::access,
                                       keys.hash_token(token.reveal()),
                                       grant.scopes,
                                       {}});
  }));
  return "Bearer " + token.reveal();
}

template <class T>
T now(Task<T> task) {
  std::optional<T> result;
  start(
      std::move(task), [&](T value) { result.emplace(std::move(value)); },
      [](std::exception_ptr thrown) { std::rethrow_exception(thrown); });
  ENSURE(result.has_value());
  return *std::move(result);
}

// A merchant with one link, and everything that serves it.
struct Shop {
  Shop() {
    connection = ConnectionId::create(database.clock.now(), database.random);
    const auto sealed =
        keys.seal(Secret("test_keykeykeykey"), connection_seal(organization.id, connection), database.random);
    const auto account = BankAccountId::create(database.clock.now(), database.random);
    ENSURE(database
               .write(organization.id,
                      [&](sql::Transaction& tx) {
                        return store::Connections(tx).insert({organization.id, connection, "mollie", "test",
                                                              ConnectionStatus::enabled, sealed, account});
                      })
               .has_value());
  }

  StartPayment command(StartOver start_over = StartOver::no) {
    return {organization.id,     link.resource_id,          PaymentMethod::credit_card,
            "payer@example.com", Uuid::v4(database.random), start_over};
  }
  Attempt begin(StartOver start_over = StartOver::no) {
    auto begun = now(payments.start(command(start_over)));
    ENSURE(begun.has_value());
    return *begun;
  }
  Attempt settle(const Attempt& attempt) {
    auto settled = now(payments.settle(attempt.organization, attempt.id));
    ENSURE(settled.has_value());
    return *settled;
  }
  int reconcile() {
    const auto attempts = now(payments.reconcile_attempts(50)), refunds = now(payments.reconcile_refunds(50));
    ENSURE(attempts && refunds);
    return *attempts + *refunds;
  }
  // Two have paid: the second is kept, and the first is to be given back.
  void pay_twice() {
    const Attempt first = begin();
    const Attempt second = begin(StartOver::yes);
    provider.pay("tr_1");
    provider.pay("tr_2");
    settle(second);
    settle(first);
  }
  // Lets the reconciler look as often as it likes during `time`.
  void let_pass(std::chrono::seconds time) {
    const Time end = database.clock.now() + time;
    while (database.clock.now() < end) {
      database.clock.advance(std::min<std::chrono::microseconds>(end - database.clock.now(), std::chrono::seconds(10)));
      reconcile();
    }
  }
  Attempt stored(const Attempt& attempt) {
    return *database.write(attempt.organization, [&](sql::Transaction& tx) {
      return store::Attempts(tx).find(attempt.organization, attempt.id);
    });
  }
  LinkStatus status() {
    return database
        .write(link.organization,
               [&](sql::Transaction& tx) { return store::PaymentLinks(tx).find(link.organization, link.id); })
        ->status_at(database.clock.now());
  }

  // Whatever happened: each movement sums to zero, and the accounts say what captures and refunds say.
  void expect_sound_books() {
    expect_sound_books_of_many();
    EXPECT_LE(database.number("SELECT COUNT(*) FROM captures WHERE kept = 1"), 1);
  }
  // The same with any number of links.
  void expect_sound_books_of_many() {
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM (SELECT 1 FROM ledger_entries GROUP BY movement_id, currency"
                              " HAVING SUM(amount_minor) <> 0 OR COUNT(*) <> 2) AS unsound"),
              0);
    EXPECT_EQ(database.number("SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_entries"
                              " WHERE account = 'provider'"),
              database.number("SELECT CAST((SELECT COALESCE(SUM(amount_minor), 0) FROM captures) - (SELECT"
                              " COALESCE(SUM(amount_minor), 0) FROM refunds WHERE state = 'refunded') - (SELECT "
                              "COALESCE(SUM(amount_minor), 0) FROM"
                              " chargebacks WHERE reversed_at IS NULL) AS BIGINT)"));
  }

  store::testing::Database database;
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  TestLane lane{database};
  FakeProvider provider;
  Payments payments{lane, provider, keys, "https://pay.example.com"};
  Organization organization = store::testing::add_organization(database, "shop");
  ConnectionId connection;
  PaymentLink link = store::testing::add_link(database, organization.id);
};

}  // namespace paylink::app::testing
