#include "app/testing.hpp"

#include <gtest/gtest.h>

#include "store/ledger.hpp"

namespace paylink::app::testing {

void TestLane::run(Work& work) {
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

void TestLane::submit_write(Work& work) noexcept {
  ++writes;
  if (writes_left == 0) return work.done(fail(ErrorCode::unavailable, "down", "Crashed."));
  if (writes_left > 0) --writes_left;
  run(work);
}

void TestLane::submit_read(Work& work) noexcept {
  ++reads;
  run(work);
}

TestInstallation::TestInstallation(store::testing::Database& database)
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

std::optional<Caller> caller_of(const std::string& authorization, const crypto::KeyRing& keys,
                                store::testing::Database& database) {
  const auto presented = read_authorization(authorization, 1, keys);
  ENSURE(presented.has_value());
  const auto found =
      database.write(presented->organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); });
  return found ? std::optional(found->caller) : std::nullopt;
}

std::string issue_bearer(const store::Delegation& who, std::string_view scopes, const crypto::KeyRing& keys,
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

Shop::Shop() {
  connection = ConnectionId::create(database.clock.now(), database.random);
  const auto sealed =
      keys.seal(Secret("test_keykeykeykey"), connection_seal(organization.id, connection), database.random);
  const auto account = BankAccountId::create(database.clock.now(), database.random);
  ENSURE(database
             .write(organization.id,
                    [&](sql::Transaction& tx) {
                      return store::Connections(tx).insert(
                          {organization.id, connection, "mollie", "test", ConnectionStatus::enabled, sealed, account});
                    })
             .has_value());
}

StartPayment Shop::command(StartOver start_over) {
  return {organization.id,     link.resource_id,          PaymentMethod::credit_card,
          "payer@example.com", Uuid::v4(database.random), start_over};
}

Attempt Shop::begin(StartOver start_over) {
  auto begun = now(payments.start(command(start_over)));
  ENSURE(begun.has_value());
  return *begun;
}

Attempt Shop::settle(const Attempt& attempt) {
  auto settled = now(payments.settle(attempt.organization, attempt.id));
  ENSURE(settled.has_value());
  return *settled;
}

int Shop::reconcile() {
  const auto attempts = now(payments.reconcile_attempts(50)), refunds = now(payments.reconcile_refunds(50));
  ENSURE(attempts && refunds);
  return *attempts + *refunds;
}

void Shop::pay_twice() {
  const Attempt first = begin();
  const Attempt second = begin(StartOver::yes);
  provider.pay("tr_1");
  provider.pay("tr_2");
  settle(second);
  settle(first);
}

void Shop::let_pass(std::chrono::seconds time) {
  const Time end = database.clock.now() + time;
  while (database.clock.now() < end) {
    database.clock.advance(std::min<std::chrono::microseconds>(end - database.clock.now(), std::chrono::seconds(10)));
    reconcile();
  }
}

Attempt Shop::stored(const Attempt& attempt) {
  return *database.write(attempt.organization, [&](sql::Transaction& tx) {
    return store::Attempts(tx).find(attempt.organization, attempt.id);
  });
}

LinkStatus Shop::status() {
  return database
      .write(link.organization,
             [&](sql::Transaction& tx) { return store::PaymentLinks(tx).find(link.organization, link.id); })
      ->status_at(database.clock.now());
}

void Shop::expect_sound_books() {
  expect_sound_books_of_many();
  EXPECT_LE(database.number("SELECT COUNT(*) FROM captures WHERE kept = 1"), 1);
}

void Shop::expect_sound_books_of_many() {
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM (SELECT 1 FROM ledger_entries GROUP BY movement_id, currency"
                            " HAVING SUM(amount_minor) <> 0 OR COUNT(*) <> 2) AS unsound"),
            0);
  EXPECT_EQ(database.number("SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_entries"
                            " WHERE account = 'provider'"),
            database.number("SELECT CAST((SELECT COALESCE(SUM(amount_minor), 0) FROM captures) - (SELECT"
                            " COALESCE(SUM(amount_minor), 0) FROM refunds WHERE state = 'refunded') - (SELECT "
                            "COALESCE(SUM(amount_minor), 0) FROM"
                            " chargebacks WHERE reversed_at IS NULL) AS BIGINT)"));
  const auto violations = database.write([](sql::Transaction& tx) { return store::Ledger(tx).violations(10); });
  ASSERT_TRUE(violations.has_value());
  EXPECT_EQ(*violations, std::vector<std::string>());
}

}  // namespace paylink::app::testing
