#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sql/sqlite/upkeep.hpp"
#include "store/api_keys.hpp"
#include "store/attempts.hpp"
#include "store/audit_log.hpp"
#include "store/connections.hpp"
#include "store/credentials.hpp"
#include "store/events.hpp"
#include "store/idempotency_keys.hpp"
#include "store/link_keys.hpp"
#include "store/link_lists.hpp"
#include "store/link_metadata.hpp"
#include "store/members.hpp"
#include "store/money_movements.hpp"
#include "store/node_counts.hpp"
#include "store/oauth_clients.hpp"
#include "store/oauth_grants.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"
#include "store/provider_grants.hpp"
#include "store/running_flows.hpp"
#include "store/sessions.hpp"
#include "store/settings.hpp"
#include "store/testing.hpp"
#include "store/testing_fixture.hpp"
#include "store/testing_plans.hpp"

namespace paylink::store {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using testing::Fixture;
using testing::token_of;

// Remembers every statement that passes.
class Recorder final : public sql::Transaction {
 public:
  Recorder(sql::Transaction& inner, std::set<std::string>& seen)
      : Transaction(inner.now(), inner.random(), inner.has_row_numbers()), inner_(inner), seen_(seen) {}
  using Transaction::claim;
  using Transaction::defer;
  using Transaction::lock;
  using Transaction::query;
  using Transaction::walk;
  Result<sql::Rows> query(std::string_view statement, sql::Values values) override {
    seen_.emplace(statement);
    return inner_.query(statement, values);
  }
  Result<sql::Rows> walk(std::string_view statement, sql::Values values) override {
    seen_.emplace(statement);
    walked.emplace(statement);
    return inner_.walk(statement, values);
  }
  Result<sql::Rows> lock(std::string_view statement, sql::Values values) override {
    seen_.emplace(statement);
    return inner_.lock(statement, values);
  }
  Result<sql::Rows> claim(std::string_view statement, sql::Values values) override {
    seen_.emplace(statement);
    return inner_.claim(statement, values);
  }
  Result<> defer(std::string_view statement, sql::Values values) override {
    seen_.emplace(statement);
    return inner_.defer(statement, values);
  }
  Result<> add(std::string_view statement, const Uuid& organization, std::string_view name, std::int64_t amount,
               const sql::Entry& entry) override {
    seen_.emplace(statement);
    return inner_.add(statement, organization, name, amount, entry);
  }
  Result<bool> try_claim(std::string_view key) override { return inner_.try_claim(key); }

  std::set<std::string> walked;

 private:
  sql::Transaction& inner_;
  std::set<std::string>& seen_;
};

Result<> use_people(OrganizationId ours, sql::Transaction& tx, sql::Transaction& all) {
  const auto user = UserId::create(tx.now(), tx.random());
  const auto membership = MembershipId::create(tx.now(), tx.random());
  Members members(tx);
  TRY(members.insert_user({user, "ada@example.com", "hash"}));
  TRY(members.find_user(user));
  TRY(members.find_user_by_email("ada@example.com"));
  TRY(members.lock_user(user));
  TRY(members.set_password_hash(user, "hash"));
  TRY(members.renew_password_hash(user, "hash"));
  TRY(members.insert({ours, membership, user, Role::owner}));
  TRY(members.find(ours, user));
  TRY(Members(all).organizations_of(user, 10));
  TRY(members.list(ours, 10));
  TRY(members.find_member(ours, membership));
  TRY(members.count_owners(ours));
  TRY(members.set_role(ours, membership, Role::owner));
  TRY(members.owner(ours));
  TRY(members.end(ours, membership));
  Sessions sessions(tx);
  const auto id = SessionId::create(tx.now(), tx.random());
  TRY(sessions.insert({user, id, tx.now(), tx.now(), tx.now(), tx.now(), "browser"}, "hash"));
  TRY(sessions.find(user, "hash", tx.now()));
  TRY(sessions.lock(user, id, tx.now()));
  TRY(sessions.record_seen(user, id));
  TRY(sessions.list(user, tx.now(), 10));
  TRY(sessions.end_oldest(user, 10));
  TRY(sessions.end_others(user, id));
  TRY(sessions.end(user, id));
  TRY(sessions.end_all(user));
  TRY(sessions.purge(tx.now(), 1));
  SignInFailures failures(tx);
  TRY(failures.add("subject", tx.now()));
  TRY(failures.find("subject", tx.now()));
  TRY(failures.take_back("subject"));
  TRY(failures.purge(tx.now(), 1));
  return {};
}

Result<> use_provider_grants(OrganizationId ours, sql::Transaction& tx, sql::Transaction& all) {
  ProviderGrants grants(tx);
  const auto connection = ConnectionId(ours.uuid());
  const ProviderGrant grant{.organization = ours,
                            .id = ProviderGrantId::create(tx.now(), tx.random()),
                            .connection = connection,
                            .state = ProviderGrantState::given,
                            .user = UserId(ours.uuid()),
                            .created_at = tx.now(),
                            .state_at = tx.now(),
                            .due_at = tx.now()};
  TRY(grants.insert(grant));
  TRY(grants.update(grant));
  TRY(grants.find(ours, grant.id));
  TRY(grants.find_for_update(ours, grant.id));
  TRY(grants.latest(ours, connection, ProviderGrantState::given));
  TRY(grants.is_needed(ours, connection));
  TRY(grants.end_all(ours, connection));
  TRY(grants.remove(ours, grant.id));
  TRY(ProviderGrants(all).claim_due(1s));
  TRY(ProviderGrants(all).bring_forward(tx.now(), tx.now(), 1));
  // `end_leases` goes through all there are, once, before a server serves.
  return {};
}

Result<> use_grants(OrganizationId ours, sql::Transaction& tx, sql::Transaction& all) {
  const auto client = OauthClientId::create(tx.now(), tx.random());
  const Delegation delegation{ours, MembershipId(ours.uuid()), client};
  const auto scopes = *Scopes::parse("payment_link.read");
  OauthClients clients(tx);
  TRY(clients.insert({client, "Shop", ClientType::confidential, scopes, {"https://shop.example/cb"}, "us"}));
  TRY(clients.find(client));
  TRY(clients.list(10));
  TRY(clients.lock(client));
  TRY(clients.insert_secret(client, {client.uuid(), "hash", "abcd", {}}));
  TRY(clients.secrets(client));
  TRY(clients.expire_secrets(client, tx.now()));
  OauthGrants grants(tx);
  const auto id = GrantId::create(tx.now(), tx.random());
  TRY(grants.insert_code({id, delegation, scopes, "https://shop.example/cb", {}, tx.now()}, "hash"));
  TRY(grants.lock_code(ours, "hash"));
  TRY(grants.use_code(ours, id));
  const Grant grant{id, delegation, scopes, {}};
  TRY(grants.insert_grant(grant));
  const auto token = AccessTokenId::create(tx.now(), tx.random());
  TRY(grants.insert_token(grant, {token, TokenKind::refresh, "hash", scopes, {}}));
  EXPECT_TRUE(TRY(grants.lock_token(ours, "hash")));
  TRY(grants.use_token(ours, token));
  TRY(grants.revoke_token(ours, token));
  TRY(grants.revoke_grant(ours, id, "test"));
  TRY(grants.end_codes(delegation));
  TRY(grants.end_codes_of_member(ours, delegation.membership));
  TRY(grants.revoke_grants(delegation, "test"));
  TRY(grants.revoke_grants_of_member(ours, delegation.membership, "test"));
  TRY(grants.find_consent(delegation));
  TRY(grants.lock_consent(delegation));
  TRY(grants.put_consent(delegation, scopes));
  TRY(grants.consents(ours, delegation.membership, 10));
  TRY(grants.erase_consent(delegation));
  TRY(grants.erase_consents_of_member(ours, delegation.membership));
  TRY(clients.erase(client));
  TRY(OauthGrants(all).purge(tx.now(), 1));
  return {};
}

// What is put into the stores.
struct Case {
  Fixture& fixture;
  PaymentLink link;
  Attempt attempt;
};

Result<> use_links(const Case& c, sql::Transaction& tx, sql::Transaction& all) {
  const OrganizationId ours = c.fixture.ours.id;
  PaymentLinks links(tx);
  TRY(links.insert(c.link));
  TRY(links.find(ours, c.link.id));
  TRY(links.find_by_resource(ours, c.link.resource_id));
  TRY(links.update_status(c.link, {LinkStatus::paid, c.link.expires_effective_at}));
  TRY(PaymentLinks(all).expire_due(1));
  for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
    for (const auto direction : {Direction::ascending, Direction::descending})
      for (const Metadata& metadata : {Metadata(), Metadata{{"order", "A-1"}}})
        TRY(LinkLists(tx).walk(ours, {{}, order, direction, metadata}, {}, 3));
  for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
    for (const auto direction : {Direction::ascending, Direction::descending})
      TRY(LinkLists(tx).list(ours, {{}, order, direction}, {}));
  for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date}) {
    const LinkPlace first = start_of(Direction::ascending), last = start_of(Direction::descending);
    LinkKeys keys(tx, ours, order);
    TRY(keys.find(LinkStatus::paid, Direction::ascending, first, 3));
    TRY(keys.find(LinkStatus::paid, Direction::descending, last, 3));
    TRY(keys.count(LinkStatus::paid, first, last, 3));
    TRY(keys.count_each(first, last));
    TRY(keys.late(3));
    TRY(keys.count_late(0, 3));
  }
  TRY(LinkMetadata(tx).insert(c.link, {{"order", "A-1"}}));
  for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
    for (const auto direction : {Direction::ascending, Direction::descending})
      TRY(LinkLists(tx).list(ours, {{}, order, direction, {{"order", "A-1"}}}, {}));
  return {};
}

Result<> use_money(const Case& c, sql::Transaction& tx, sql::Transaction& all) {
  const OrganizationId ours = c.fixture.ours.id;
  Attempts attempts(tx);
  TRY(attempts.insert(c.attempt, Reusable::yes, tx.now()));
  for (const auto direction : {Direction::ascending, Direction::descending})
    TRY(attempts.list_of_link(ours, c.link.id, {{}, direction}, {}));
  TRY(attempts.find(ours, c.attempt.id));
  TRY(attempts.find_by_token(ours, token_of(c.attempt)));
  TRY(attempts.find_by_nonce(ours, c.link.id, c.attempt.nonce));
  TRY(attempts.current_of_link(ours, c.link.id));
  TRY(attempts.in_process_of_link(ours, c.link.id));
  for (const auto reusable : {Reusable::no, Reusable::yes}) TRY(attempts.facts_of_link(ours, c.link.id, reusable));
  TRY(attempts.supersede_open(ours, c.link.id));
  TRY(attempts.update(c.attempt, tx.now()));
  TRY(Attempts(all).claim_due(1, 1s));
  TRY(Attempts(all).bring_forward(tx.now(), tx.now(), 1));
  MoneyMovements movements(tx);
  TRY(movements.has_kept_capture(ours, c.link.id));
  TRY(movements.has_capture(ours, c.attempt.id));
  TRY(movements.insert_capture(c.fixture.capture_of(c.attempt, Kept::kept), Reusable::yes));
  const Refund refund = c.fixture.refund_of(c.attempt);
  TRY(movements.insert_refund(refund, tx.now()));
  TRY(movements.capture_totals(ours, c.attempt.id));
  TRY(movements.find_refund_for_update(ours, refund.id));
  TRY(movements.find_refund(ours, c.attempt.id, "re_1"));
  TRY(movements.unsent_refund(ours, c.attempt.id, 1));
  TRY(movements.list_refunds(ours, c.attempt.id, {}));
  TRY(movements.refunded_minor(ours, c.attempt.id));
  TRY(movements.release_refund(refund));
  TRY(movements.update_refund(refund, tx.now()));
  const Chargeback chargeback = c.fixture.chargeback_of(c.attempt);
  TRY(movements.insert_chargeback(chargeback));
  TRY(movements.find_chargeback(ours, c.attempt.id, "chb_1"));
  TRY(movements.reverse_chargeback(chargeback));
  TRY(movements.list_chargebacks(ours, c.attempt.id, {}));
  TRY(movements.charged_back_minor(ours, c.attempt.id));
  TRY(MoneyMovements(all).claim_due_refunds(1, 1s));
  TRY(MoneyMovements(all).bring_refunds_forward(tx.now(), tx.now(), 1));
  return {};
}

Result<> use_accounts(const Case& c, sql::Transaction& tx, sql::Transaction& all) {
  const OrganizationId ours = c.fixture.ours.id;
  Organizations organizations(tx);
  TRY(organizations.find(ours));
  TRY(organizations.bank_accounts(ours, {}));
  (void)organizations.find_bank_account(ours, BankAccountId(ours.uuid()));
  Connections connections(tx);
  const Connection connection{ours, c.attempt.connection, "mollie", "test", ConnectionStatus::pending, "", {}};
  TRY(connections.insert(connection));
  TRY(connections.update(connection));
  TRY(connections.find(ours, connection.id));
  TRY(connections.latest(ours));
  TRY(connections.enabled(ours));
  TRY(connections.has_enabled(ours));
  TRY(use_people(ours, tx, all));
  TRY(use_grants(ours, tx, all));
  TRY(use_provider_grants(ours, tx, all));
  Credentials credentials(tx);
  TRY(credentials.find_api_key(ours, "hash"));
  TRY(credentials.find_access_token(ours, "hash"));
  ApiKeys api_keys(tx);
  const auto key = ApiKeyId::create(tx.now(), tx.random());
  TRY(api_keys.insert({ours, key, "name", "hash", "abcd", "scope", "us", std::nullopt}));
  TRY(api_keys.count_live(ours));
  TRY(api_keys.list(ours, 10));
  TRY(api_keys.find(ours, key));
  TRY(api_keys.find_by_end(ours, "abcd", 2));
  TRY(api_keys.record_use(ours, key, tx.now()));
  TRY(api_keys.revoke(ours, key));
  TRY(ApiKeys(all).purge(tx.now(), 1));
  TRY(Connections(all).purge_proposals(tx.now(), 1));
  TRY(Connections(all).claim_chargeback_look(tx.now()));
  TRY(Connections(all).bring_chargeback_looks_forward(tx.now(), tx.now(), 1));
  TRY(Connections(tx).end_chargeback_looks(ours, ConnectionId(ours.uuid())));
  TRY(Connections(tx).record_chargebacks_seen(ours, ConnectionId(ours.uuid()), "chb_1"));
  TRY(MoneyMovements(tx).find_chargeback(ours, "chb_1"));
  TRY(Organizations(all).find_by_slug("shop"));
  TRY(Organizations(all).list(10));
  return {};
}

Result<> use_the_rest(const Case& c, sql::Transaction& tx, sql::Transaction& all) {
  const OrganizationId ours = c.fixture.ours.id;
  IdempotencyKeys keys(tx);
  TRY(keys.put(ours, "key", {"print", 201, "body", tx.now()}));
  TRY(keys.find(ours, "key"));
  TRY(IdempotencyKeys(all).purge(tx.now(), 1));
  RunningFlows flows(tx);
  const RunningFlow flow{ours, "key", "print", ours.uuid(), "PATCH", "/things", "", 1, tx.now()};
  TRY(flows.put(flow));
  TRY(flows.find(ours, "key"));
  TRY(RunningFlows(all).take_over_one(1s));
  TRY(RunningFlows(all).bring_leases_forward(tx.now(), tx.now(), 1));
  TRY(flows.remove(flow));
  TRY(RunningFlows(all).end_leases());
  TRY(Events(all).purge_outbox(tx.now(), 1));
  NodeCounts counts(all);
  TRY(counts.insert(ours.uuid(), {1, tx.now(), "counts"}));
  TRY(counts.newest(tx.now()));
  TRY(counts.after(ours.uuid(), 0, tx.now(), 1));
  TRY(counts.purge(tx.now(), 1));
  TRY(Settings(tx).put("name", "value"));
  TRY(Settings(tx).find("name"));
  AuditLog log(tx);
  TRY(log.insert({Uuid::v7(tx.now(), tx.random()), tx.now(), ours, "uid 0", "signed_in", "object", "detail"}));
  TRY(log.unbound(1));
  TRY(log.count_unbound());
  TRY(log.bind({ours.uuid(), tx.now(), ours, "", "", "", "", 1, "mac"}));
  TRY(log.after(0, 1));
  TRY(log.newest(ours, ours.uuid(), 1));
  TRY(log.newest({}, ours.uuid(), 1));
  return {};
}

// Every statement of every store. `all` is what looks over every organization's rows.
std::set<std::string> statements_of_all_stores(Fixture& fixture) {
  Database& database = fixture.database;
  std::set<std::string> seen;
  const auto link = testing::make_link(database, fixture.ours.id, Reusable::yes);
  const Case c{fixture, link, fixture.make_attempt(link)};
  const auto done = database.write([&](sql::Transaction& plain) -> Result<> {
    sql::testing::TenantWall wall(plain, sql::Tenant::organization(fixture.ours.id.uuid()), database.owned_tables());
    Recorder tx(wall, seen);
    Recorder all(plain, seen);
    for (const auto use : {use_links, use_money, use_accounts, use_the_rest}) TRY(use(c, tx, all));
    // Which of these is taken depends on how many links are late.
    for (const std::string_view statement : list_statements(plain.has_row_numbers())) seen.emplace(statement);
    return {};
  });
  EXPECT_TRUE(done) << (done ? "" : done.error().detail);
  EXPECT_GE(seen.size(), 150U);
  return seen;
}

// Every statement of every store finds its rows by an index: nothing grows slow as tables grow.
TEST(Stores, FindEverythingByAnIndex) {
  Fixture fixture;
  const auto statements = statements_of_all_stores(fixture);
  testing::PlanCheck check(fixture.database);
  for (const std::string& statement : statements) {
    SCOPED_TRACE(statement);
    for (const std::string& complaint : check.complaints_about(statement)) ADD_FAILURE() << complaint;
  }
}

// The check above sees it.
TEST(Stores, AreHeldToReadLessThanAnOrganizationHas) {
  if (testing::is_on_postgres()) GTEST_SKIP() << "SQLite's plans are looked at";
  Fixture fixture;
  testing::PlanCheck check(fixture.database);
  const std::string all[] = {
      "SELECT 1 FROM attempts WHERE organization_id = $1 AND connection_id = $2 LIMIT 1",
      "SELECT COUNT(*) FROM payment_links l WHERE l.organization_id = $1 AND l.currency = $2",
      "SELECT 1 FROM refunds r JOIN attempts a ON a.organization_id = r.organization_id AND a.id = r.attempt_id"
      " WHERE r.organization_id = $1 AND a.connection_id = $2 AND r.state = 'failed' LIMIT 1",
  };
  for (const std::string& statement : all) EXPECT_FALSE(check.complaints_about(statement).empty()) << statement;
  const std::string few[] = {"SELECT 1 FROM attempts WHERE organization_id = $1 AND id = $2",
                             "SELECT 1 FROM refunds WHERE organization_id = $1 AND due_at IS NOT NULL"};
  for (const std::string& statement : few) EXPECT_TRUE(check.complaints_about(statement).empty()) << statement;
}

// PostgreSQL looks at what is there from time to time: one organization with many links, and others with one. Tables of
// a row or two, which it reads whole, are not looked at.
TEST(Stores, FindEverythingByAnIndexWhateverTheStatisticsSay) {
  if (!testing::is_on_postgres()) GTEST_SKIP() << "SQLite keeps no statistics";
  Fixture fixture;
  Database& database = fixture.database;
  const auto statements = statements_of_all_stores(fixture);
  testing::PlanCheck check(database);
  for (const int small : {150, 0}) {
    SCOPED_TRACE(small);
    for (int i = 0; i < 150; ++i) {
      const auto link = testing::add_link(database, fixture.ours.id);
      ASSERT_TRUE(fixture.insert(fixture.make_attempt(link)));
      if (i < small) testing::add_link(database, testing::add_organization(database, std::to_string(i)).id);
    }
    ASSERT_TRUE(database.execute_script("ANALYZE organizations, payment_links, attempts"));
    for (const std::string& statement : statements)
      for (const std::string& complaint : check.complaints_about(statement)) ADD_FAILURE() << statement << complaint;
  }
}

// An expression for what a column of SQLite's holds in the row `i`: as like one another as in an installation.
std::string value_of(const std::string& name, const std::string& type, const std::string& organization) {
  if (name == "organization_id" || name == "about_organization") return organization;
  if (name == "status" || name == "state")
    return "CASE WHEN i % 100 < 64 THEN 'paid' WHEN i % 100 < 95 THEN 'expired' ELSE 'open' END";
  if (type == "UUID" || type == "BYTEA") return "randomblob(16)";
  if (type == "BIGINT") return "abs(random() % 100000)";
  if (type == "SMALLINT") return "i % 2";
  return "hex(randomblob(4))";
}

// Fills every table of SQLite by its catalog. `organization` is an expression for whose the row `i` is.
void fill_all_tables(Database& database, const std::string& organization) {
  constexpr std::string_view select_columns = R"sql(
    SELECT m.name, c.name, c.type, c."notnull" FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY m.name, c.cid
  )sql";
  const sql::Rows columns = database.ask(select_columns);
  std::map<std::string, std::pair<std::string, std::string>> tables;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name(columns[i].text(1));
    std::string value = value_of(name, std::string(columns[i].text(2)), organization);
    const bool is_often_null = columns[i].integer(3) == 0 && name != "organization_id";
    if (is_often_null) value = "CASE WHEN i % 20 = 0 THEN " + value + " END";
    auto& [names, values] = tables[std::string(columns[i].text(0))];
    names += (names.empty() ? "" : ", ") + name;
    values += (values.empty() ? "" : ", ") + value;
  }
  std::string script = "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;";
  for (const auto& [table, parts] : tables)
    script +=
        "WITH RECURSIVE many (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < 2000) INSERT OR IGNORE"
        " INTO " +
        table + " (" + parts.first + ") SELECT " + parts.second + " FROM many;";
  ASSERT_TRUE(database.execute_script(script + "PRAGMA ignore_check_constraints = OFF; PRAGMA foreign_keys = ON"));
}

// Statistics would change plans for the worse, which is why there are none (docs/decisions/0010-no-statistics.md), and
// those that somebody has made are gone after the first look at the file.
TEST(Stores, KeepTheirPlansWhateverStatisticsSomebodyMade) {
  if (testing::is_on_postgres()) GTEST_SKIP() << "PostgreSQL always has statistics";
  struct Skew {
    std::string name, organization;
  };
  const std::string large = "x'11111111111111111111111111111111'";
  const Skew skews[] = {
      {"one large", large},
      {"one large and many small",
       "CASE WHEN i % 2 = 0 THEN " + large + " ELSE CAST(printf('%016d', i / 4) AS BLOB) END"},
  };
  for (const Skew& skew : skews) {
    SCOPED_TRACE(skew.name);
    Fixture fixture;
    const auto statements = statements_of_all_stores(fixture);
    testing::PlanCheck check(fixture.database);
    std::map<std::string, std::string> plans;
    for (const std::string& statement : statements) plans[statement] = check.plan_of(statement);
    fill_all_tables(fixture.database, skew.organization);
    ASSERT_TRUE(fixture.database.execute_script("ANALYZE"));
    const auto is_changed = [&](const auto& known) { return check.plan_of(known.first) != known.second; };
    EXPECT_GT(std::ranges::count_if(plans, is_changed), 10);
    ASSERT_TRUE(fixture.database.write([](sql::Transaction& tx) { return sql::sqlite::forget_statistics(tx); }));
    for (const auto& [statement, plan] : plans) EXPECT_EQ(check.plan_of(statement), plan) << statement;
  }
}

// PostgreSQL would find a million links and sort them for each page: it is told not to, but where they are few.
TEST(LinkLists, AreWalkedWhereLinksAreMany) {
  Fixture fixture;
  Database& database = fixture.database;
  testing::add_link(database, fixture.ours.id);
  database.clock.advance(std::chrono::hours(24 * 400));  // it is late
  ASSERT_TRUE(database.execute_script("UPDATE payment_link_counts SET links = 1000000 WHERE status = 'open'"));
  std::set<std::string> seen;
  ASSERT_TRUE(database.write(fixture.ours.id, [&](sql::Transaction& plain) -> Result<> {
    Recorder tx(plain, seen);
    for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
      TRY(LinkLists(tx).walk(fixture.ours.id, {{LinkStatus::open}, order, Direction::ascending}, {}, 100));
    EXPECT_EQ(tx.walked.size(), 3U);
    TRY(LinkLists(tx).walk(fixture.ours.id, {{LinkStatus::paid}, {}, Direction::ascending}, {}, 100));
    TRY(LinkLists(tx).walk(fixture.ours.id, {{}, {}, Direction::ascending}, {}, 100));
    EXPECT_EQ(tx.walked.size(), 5U);
    // The late one is found.
    TRY(LinkLists(tx).walk(fixture.ours.id, {{LinkStatus::expired}, {}, Direction::ascending}, {}, 100));
    EXPECT_EQ(tx.walked.size(), 5U);
    return {};
  }));
}

// PostgreSQL may have looked when every organization had a link or none. One that has many is not to be read whole for
// each page then.
TEST(LinkLists, AreReadByKeyWhateverTheStatisticsSay) {
  if (!testing::is_on_postgres()) GTEST_SKIP() << "SQLite keeps no statistics";
  Fixture fixture;
  Database& database = fixture.database;
  for (int i = 0; i < 300; ++i)
    testing::add_link(database, testing::add_organization(database, "small-" + std::to_string(i)).id);
  ASSERT_TRUE(database.execute_script("ANALYZE payment_links; SET plan_cache_mode = force_generic_plan"));
  std::set<std::string> seen;
  ASSERT_TRUE(database.write(fixture.ours.id, [&](sql::Transaction& plain) -> Result<> {
    Recorder tx(plain, seen);
    for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
      for (const auto direction : {Direction::ascending, Direction::descending})
        for (const auto& statuses : {std::vector<LinkStatus>(), std::vector{LinkStatus::open}})
          TRY(LinkLists(tx).walk(fixture.ours.id, {statuses, order, direction}, {}, 100));
    return {};
  }));
  testing::PlanCheck check(database);
  // All is as it comes, but that reading a table of three hundred rows whole may cost less than an index: whether it
  // does depends on how much of it has been vacuumed by then.
  ASSERT_TRUE(database.execute_script("RESET ALL; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"));
  for (const std::string& statement : seen) {
    if (statement.find(" k JOIN ") == std::string::npos) continue;
    const std::string plan = check.plan_of(statement);
    EXPECT_EQ(plan.find("Join Filter"), std::string::npos) << statement << plan;
    EXPECT_NE(plan.find("id = "), std::string::npos);
  }
}

}  // namespace
}  // namespace paylink::store
