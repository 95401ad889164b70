// The harness's own test: a consistent pair of databases passes, and each way of breaking it is found under its
// invariant.

#include "checks.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace paylink::faults {
namespace {

// Link 'LL' is paid by attempt 'A1'; attempt 'A2' paid it too and was given back. 'A3' is where a payer stands now.
// Code 'G1' was exchanged and its tokens renewed once, 'G2' was not exchanged.
constexpr const char* consistent_paylink = R"sql(
  INSERT INTO payment_links (organization_id, id, resource_id, status, amount_minor, currency, methods, reusable, items,
                             expiration_date, created_at, updated_at)
  VALUES ('O', 'LL', 'R1', 'paid', 1330, 'EUR', 'ideal', 0, '[1]', 9, 1, 1),
         ('O', 'L2', 'R2', 'open', 500, 'EUR', 'ideal', 1, '[2]', 9, 1, 1);
  INSERT INTO payment_link_counts (organization_id, status, part, links)
  VALUES ('O', 'paid', 0, 2), ('O', 'paid', 1, -1), ('O', 'open', 0, 1);
  INSERT INTO attempts (organization_id, id, payment_link_id, connection_id, token, nonce, exclusive, state,
                        amount_minor, currency, payee, method, debitor_email, provider_payment_id, checkout_url,
                        created_at, tries)
  VALUES
    ('O', '1234567890123451', 'LL', 'C', 'T1', 'N1', 1, 'paid', 1330, 'EUR', 'M', 'ideal', 'e', 'tr_1', '', 1, 0),
    ('O', '1234567890123452', 'LL', 'C', 'T2', 'N2', 1, 'paid', 1330, 'EUR', 'M', 'ideal', 'e', 'tr_2', '', 1, 0),
    ('O', '1234567890123453', 'L2', 'C', 'T3', 'N3', 0, 'pending', 500, 'EUR', 'M', 'ideal', 'e', 'tr_3', '', 1, 0);
  INSERT INTO captures (organization_id, id, payment_link_id, attempt_id, exclusive, kept, amount_minor, currency,
                        captured_at, refunds_minor)
  VALUES ('O', 'K1', 'LL', '1234567890123451', 1, 1, 1330, 'EUR', 1, 0),
         ('O', 'K2', 'LL', '1234567890123452', 1, 0, 1330, 'EUR', 2, 1330);
  INSERT INTO refunds (organization_id, id, attempt_id, reason, state, amount_minor, currency, provider_refund_id,
                       created_at, tries)
  VALUES ('O', 'F1', '1234567890123452', 'surplus', 'refunded', 1330, 'EUR', 're_1', 2, 0);
  INSERT INTO ledger_entries (organization_id, movement_id, side, account, kind, attempt_id, amount_minor, currency,
                              created_at)
  VALUES ('O', 'M1', 0, 'payers', 'capture', '1234567890123451', -1330, 'EUR', 1),
         ('O', 'M1', 1, 'provider', 'capture', '1234567890123451', 1330, 'EUR', 1),
         ('O', 'M2', 0, 'payers', 'capture', '1234567890123452', -1330, 'EUR', 1),
         ('O', 'M2', 1, 'provider', 'capture', '1234567890123452', 1330, 'EUR', 1),
         ('O', 'M3', 0, 'provider', 'refund', '1234567890123452', -1330, 'EUR', 1),
         ('O', 'M3', 1, 'payers', 'refund', '1234567890123452', 1330, 'EUR', 1);
  INSERT INTO oauth_codes (organization_id, id, code_hash, client_id, membership_id, scopes, redirect_uri, created_at,
                           expires_at, used_at)
  VALUES ('O', 'G1', 'H1', 'A', 'M', 'offline_access', 'u', 1, 9, 2), ('O', 'G2', 'H2', 'A', 'M', 's', 'u', 1, 9, NULL);
  INSERT INTO oauth_grants (organization_id, id, client_id, membership_id, scopes, created_at)
  VALUES ('O', 'G1', 'A', 'M', 'offline_access', 2);
  INSERT INTO oauth_tokens (organization_id, id, kind, token_hash, grant_id, client_id, membership_id, scopes,
                            created_at, used_at)
  VALUES ('O', 'T1', 'access', 'H3', 'G1', 'A', 'M', 's', 2, NULL),
         ('O', 'T2', 'refresh', 'H4', 'G1', 'A', 'M', 's', 2, 3),
         ('O', 'T3', 'refresh', 'H5', 'G1', 'A', 'M', 's', 3, NULL);
)sql";

constexpr const char* consistent_simulator = R"sql(
  INSERT INTO payments (number, id, tenant, checkout_token, status, amount_minor, currency, refunded_minor, description,
    redirect_url, metadata, created_at, expires_at)
    VALUES (1, 'tr_1', 't', 'c1', 'paid', 1330, 'EUR', 0, '', '', '', 1, 9),
           (2, 'tr_2', 't', 'c2', 'paid', 1330, 'EUR', 1330, '', '', '', 1, 9),
           (3, 'tr_3', 't', 'c3', 'pending', 500, 'EUR', 0, '', '', '', 1, 9);
  INSERT INTO refunds (number, id, payment_number, status, amount_minor, description, metadata, created_at)
    VALUES (1, 're_1', 2, 'refunded', 1330, '', '', 1);
)sql";

constexpr const char* first_attempt = "31323334-3536-3738-3930-313233343531";
constexpr const char* pending_attempt = "31323334-3536-3738-3930-313233343533";

void run(sqlite3* database, const std::string& statements) {
  char* trouble = nullptr;
  ASSERT_EQ(sqlite3_exec(database, statements.c_str(), nullptr, nullptr, &trouble), SQLITE_OK) << trouble << "\n"
                                                                                               << statements;
}

void lay_out(const std::string& file, const std::string& migrations, const std::string& rows) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  std::vector<std::filesystem::path> steps;
  for (const auto& entry : std::filesystem::directory_iterator(migrations))
    if (entry.path().extension() == ".sql") steps.push_back(entry.path());
  std::sort(steps.begin(), steps.end());
  ASSERT_FALSE(steps.empty()) << migrations;
  run(database, "PRAGMA synchronous = OFF");
  for (const auto& step : steps) {
    std::ostringstream text;
    text << std::ifstream(step).rdbuf();
    run(database, text.str());
  }
  run(database, rows);
  sqlite3_close(database);
}

class ChecksTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(data_);
    lay_out(data_ + "/paylink.db", "src/store/migrations", consistent_paylink);
    lay_out(data_ + "/simulator.db", "src/simulator/migrations", consistent_simulator);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void change(const std::string& file, const std::string& statements) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((data_ + file).c_str(), &database), SQLITE_OK);
    run(database, statements);
    sqlite3_close(database);
  }

  void check() {
    checks_.check_crashed();
    checks_.check_settled();
  }

  const std::string directory_ = testing::TempDir() + "faults_checks_test";
  const std::string data_ = directory_ + "/data";
  Violations violations_;
  DatabaseChecks checks_{{data_, directory_ + "/copy"}, violations_};
};

TEST_F(ChecksTest, consistent_databases_pass) {
  checks_.expect_paid(first_attempt);
  check();
  EXPECT_EQ(violations_.count(), 0u);
  EXPECT_EQ(checks_.unsettled(), "");
}

struct Damage {
  const char* name;
  const char* invariant;
  const char* paylink;
  const char* simulator;
};

TEST_F(ChecksTest, each_damage_is_found) {
  const Damage damages[] = {
      {"two kept captures", "I2", "DROP INDEX captures_kept; UPDATE captures SET kept = 1", ""},
      {"paid without a kept capture", "I2", "UPDATE captures SET kept = 0 WHERE id = 'K1'", ""},
      {"kept but not paid", "I2", "UPDATE payment_links SET status = 'open' WHERE id = 'LL'", ""},
      {"surplus without refund row", "I2", "DELETE FROM refunds", ""},
      {"refund of another amount", "I2", "UPDATE refunds SET amount_minor = 1329", ""},
      {"surplus not given back", "I2", "UPDATE refunds SET state = 'requested'", ""},
      {"two refunds of more than came in", "I2",
       "INSERT INTO refunds SELECT organization_id, 'F2', attempt_id, 'requested', state, 1, currency, 're_2', "
       "created_at, tries, due_at, refusals FROM refunds; PRAGMA ignore_check_constraints = ON; UPDATE captures SET "
       "refunds_minor = 1331 WHERE id = 'K2'",
       ""},
      {"a refund that its capture does not know", "I6", "UPDATE captures SET refunds_minor = 0", ""},
      {"a kept capture that was given back by itself", "I2",
       "DROP INDEX captures_kept; UPDATE captures SET kept = 1 WHERE id = 'K2'", ""},
      {"attempt paid without capture", "I2", "UPDATE attempts SET state = 'paid' WHERE provider_payment_id = 'tr_3'",
       ""},
      {"capture of an unpaid attempt", "I2", "UPDATE attempts SET state = 'failed' WHERE provider_payment_id = 'tr_1'",
       ""},
      {"one create made two links", "I4", "UPDATE payment_links SET items = '[1]'", ""},
      {"one link too many is counted", "I11", "UPDATE payment_link_counts SET links = 2 WHERE status = 'open'", ""},
      {"a link that is not counted", "I11", "DELETE FROM payment_link_counts WHERE part = 1", ""},
      {"two good refresh tokens", "I8", "UPDATE oauth_tokens SET used_at = NULL", ""},
      {"no good refresh token", "I8", "UPDATE oauth_tokens SET used_at = 3", ""},
      {"a good code of a family", "I8", "UPDATE oauth_codes SET used_at = NULL", ""},
      {"lopsided movement", "I6", "UPDATE ledger_entries SET amount_minor = 1331 WHERE movement_id = 'M1' AND side = 1",
       ""},
      {"capture not in the ledger", "I6", "DELETE FROM ledger_entries WHERE movement_id = 'M1'", ""},
      {"refund not in the ledger", "I6", "DELETE FROM ledger_entries WHERE movement_id = 'M3'", ""},
      {"captured at the provider only", "I6", "", "UPDATE payments SET status = 'paid' WHERE id = 'tr_3'"},
      {"captured with us only", "I6", "", "UPDATE payments SET status = 'failed' WHERE id = 'tr_1'"},
      {"a cent more at the provider", "I6", "", "UPDATE payments SET amount_minor = 1331 WHERE id = 'tr_1'"},
      {"refunded with us only", "I6", "", "DELETE FROM refunds"},
  };
  for (const auto& damage : damages) {
    SCOPED_TRACE(damage.name);
    SetUp();
    change("/paylink.db", damage.paylink);
    change("/simulator.db", damage.simulator);
    Violations found;
    DatabaseChecks checks({data_, directory_ + "/copy"}, found);
    checks.check_crashed();
    checks.check_settled();
    EXPECT_GT(found.count_of(damage.invariant), 0u);
  }
}

TEST_F(ChecksTest, what_was_seen_before_binds) {
  check();
  change("/paylink.db", "UPDATE attempts SET state = 'open' WHERE provider_payment_id = 'tr_3'");
  check();
  EXPECT_EQ(violations_.count_of("I5"), 1u);
}

TEST_F(ChecksTest, an_acknowledged_payment_must_be_there) {
  checks_.expect_paid(pending_attempt);
  checks_.expect_paid("31323334-3536-3738-3930-000000000000");
  check();
  EXPECT_EQ(violations_.count_of("I1"), 2u);
}

TEST_F(ChecksTest, a_refused_create_must_not_be_there) {
  change("/paylink.db", R"(UPDATE payment_links SET items = '[{"title":"op-1-2-3-4","quantity":1}]' WHERE id = 'L2')");
  checks_.expect_absent("op-1-2-3");
  checks_.check_crashed();
  EXPECT_EQ(violations_.count(), 0u);
  checks_.expect_absent("op-1-2-3-4");
  checks_.check_crashed();
  EXPECT_EQ(violations_.count_of("I9"), 1u);
}

TEST_F(ChecksTest, a_lost_attempt_is_missed) {
  check();
  change("/paylink.db", "DELETE FROM attempts WHERE provider_payment_id = 'tr_3'");
  check();
  EXPECT_EQ(violations_.count_of("I1"), 1u);
}

TEST_F(ChecksTest, both_sides_must_settle) {
  change("/simulator.db", "UPDATE payments SET status = 'paid' WHERE id = 'tr_3'");
  EXPECT_NE(checks_.unsettled(), "");
}

TEST_F(ChecksTest, damaged_pages_are_found) {
  change("/paylink.db",
         "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'refunds_due'");
  checks_.check_crashed();
  EXPECT_GT(violations_.count_of("I7"), 0u);
}

TEST(LinkMoves, only_forwards) {
  EXPECT_TRUE(link_may_go("open", "paid"));
  EXPECT_TRUE(link_may_go("processing", "open"));
  EXPECT_TRUE(link_may_go("open", "canceled"));
  EXPECT_TRUE(link_may_go("processing", "canceled"));
  EXPECT_TRUE(link_may_go("canceled", "processing"));
  EXPECT_FALSE(link_may_go("canceled", "paid"));
  EXPECT_FALSE(link_may_go("expired", "canceled"));
  EXPECT_FALSE(link_may_go("paid", "canceled"));
  EXPECT_FALSE(link_may_go("paid", "open"));
  EXPECT_FALSE(link_may_go("paid", "expired"));
  EXPECT_FALSE(link_may_go("canceled", "open"));
  EXPECT_FALSE(link_may_go("expired", "open"));
}

TEST(ReadLink, keeps_everything_but_the_status) {
  const auto open = read_link(R"({"payment_link":{"id":"x","status":"open","reusable":false}})");
  const auto paid =
      read_link(R"({"id":"x","status":"paid","payment_link":{"id":"x","status":"paid","reusable":false}})");
  ASSERT_TRUE(open && paid);
  EXPECT_EQ(open->core, paid->core);
  EXPECT_EQ(paid->last_status, "paid");
  EXPECT_FALSE(read_link(R"({"errors":[]})"));
}

}  // namespace
}  // namespace paylink::faults
