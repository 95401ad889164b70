#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "store/testing.hpp"

namespace paylink::store {
namespace {

using testing::Database;

// A new table either has an organization_id or is named here.
TEST(TenantWall, LeavesFewTablesToNobody) {
  Database database;
  std::vector<std::string> of_nobody;
  for (const std::string& table : database.tables())
    if (!database.owned_tables().contains(table)) of_nobody.push_back(table);
  std::vector<std::string> expected{
      "audit_events",        "departures",        "moves",    "node_counts", "oauth_client_secrets", "oauth_clients",
      "oauth_redirect_uris", "schema_migrations", "sessions", "settings",    "sign_in_failures",     "users"};
  if (testing::is_on_postgres()) expected.insert(expected.begin() + 2, "lane_batches");
  EXPECT_EQ(of_nobody, expected);
}

// Against a table of cases: what its work may not say.
TEST(TenantWall, ComplainsOfStatementsThatMeanOtherRows) {
  SystemRandom random;
  const Uuid ours = Uuid::v4(random), theirs = Uuid::v4(random);
  const auto us = sql::Tenant::organization(ours), nobody = sql::Tenant::nobody(), all = sql::Tenant::everybody();
  const std::string not_said = "does not say whose rows it means", other = "$1 is not the work's organization";
  struct Case {
    const char* name;
    sql::Tenant tenant;
    std::string statement;
    std::vector<sql::Value> values;
    std::string complaint;
  };
  const Case cases[] = {
      {"our rows", us, "SELECT 1 FROM attempts WHERE organization_id = $1 AND id = $2", {ours, theirs}, ""},
      {"theirs", us, "SELECT 1 FROM attempts WHERE organization_id = $1 AND id = $2", {theirs, ours}, other},
      {"another place", us, "SELECT 1 FROM attempts WHERE id = $1 AND organization_id = $2", {theirs, ours}, ""},
      {"no id", us, "SELECT 1 FROM attempts WHERE organization_id = $1", {"text"}, other},
      {"no value", us, "SELECT 1 FROM attempts WHERE organization_id = $1", {}, other},
      {"any rows", us, "SELECT organization_id FROM attempts WHERE due_at <= $1 LIMIT $2", {1, 1}, not_said},
      {"any rows, for everybody", all, "SELECT 1 FROM attempts WHERE due_at <= $1", {1}, ""},
      {"our rows, for nobody",
       nobody,
       "SELECT 1 FROM attempts WHERE organization_id = $1",
       {ours},
       "nobody's work names attempts"},
      {"rows of nobody", nobody, "SELECT value FROM settings WHERE name = $1", {"a"}, ""},
      {"rows of nobody, for us", us, "SELECT value FROM settings WHERE name = $1", {"a"}, ""},
      {"ourselves", us, "SELECT slug FROM organizations WHERE id = $1", {ours}, ""},
      {"them", us, "SELECT slug FROM organizations WHERE id = $1", {theirs}, other},
      {"whoever it is", us, "SELECT id FROM organizations WHERE slug = $1", {"shop"}, not_said},
      {"a join",
       us,
       "SELECT 1 FROM api_keys k JOIN organizations o ON o.id = k.organization_id WHERE k.organization_id = $1",
       {ours},
       ""},
      {"a join to all rows",
       us,
       "SELECT 1 FROM attempts a JOIN refunds r ON r.attempt_id = a.id\n"
       "WHERE a.organization_id = $1",
       {ours},
       not_said},
      {"a join of all rows",
       us,
       "SELECT 1 FROM attempts a JOIN refunds r ON r.organization_id = a.organization_id JOIN captures c"
       " ON c.organization_id = a.organization_id JOIN payment_links l ON l.organization_id = a.organization_id"
       " AND a.organization_id = l.organization_id",
       {ours},
       not_said},
      {"a part for all rows",
       us,
       "SELECT 1 FROM attempts WHERE organization_id = $1 UNION ALL SELECT 1 FROM attempts",
       {ours},
       not_said},
      {"a new row", us, "INSERT INTO settings (name, value) VALUES ($1, $2)", {"a", "b"}, ""},
      {"a new row of ours", us, "INSERT INTO attempts (organization_id, id)\n  VALUES ($1, $2)", {ours, theirs}, ""},
      {"a new row of theirs", us, "INSERT INTO attempts (organization_id, id) VALUES ($1, $2)", {theirs, ours}, other},
      {"a change of theirs", us, "UPDATE attempts SET state = $2 WHERE organization_id = $1", {theirs, "paid"}, other},
      {"a change of all", us, "UPDATE attempts SET state = $1", {"paid"}, not_said},
      {"all old rows",
       us,
       "DELETE FROM attempts WHERE (organization_id, id) IN (SELECT organization_id, id FROM"
       " attempts WHERE created_at < $1)",
       {1},
       not_said},
  };
  Database database;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(sql::testing::complaint_about(c.statement, c.values, c.tenant, database.owned_tables()), c.complaint);
  }
}

TEST(TenantWall, FailsTheTest) {
  Database database;
  const auto ours = testing::add_organization(database, "ours"), theirs = testing::add_organization(database, "theirs");
  const auto link = testing::add_link(database, theirs.id);
  const auto find_as = [&](OrganizationId whose) {
    return database.write(whose, [&](sql::Transaction& tx) { return PaymentLinks(tx).find(theirs.id, link.id); });
  };
  EXPECT_TRUE(find_as(theirs.id));
  EXPECT_NONFATAL_FAILURE(static_cast<void>(find_as(ours.id)), "$1 is not the work's organization");
  const auto change_as = [&](OrganizationId whose) {
    return database.write(
        whose, [&](sql::Transaction& tx) { return PaymentLinks(tx).update_status(link, PaymentLinks::stored(link)); });
  };
  EXPECT_TRUE(change_as(theirs.id));
  EXPECT_NONFATAL_FAILURE(static_cast<void>(change_as(ours.id)), "$1 is not the work's organization");
}

}  // namespace
}  // namespace paylink::store
