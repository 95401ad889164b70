#include "app/audit.hpp"

#include <gtest/gtest.h>

#include "store/testing.hpp"

namespace paylink::app {
namespace {

using store::testing::Database;

struct Log {
  Log() {
    for (int i = 1; i <= 5; ++i) write("object " + std::to_string(i));
    EXPECT_EQ(bind(500), 5);
  }

  void write(const std::string& object) {
    database.clock.advance(std::chrono::seconds(1));
    const auto written = database.write([&](sql::Transaction& tx) {
      return audit({AuditAction::signed_in, "uid 0", OrganizationId(organization), object, "detail"}, tx);
    });
    ASSERT_TRUE(written);
  }
  int bind(int limit) {
    const auto bound = database.write([&](sql::Transaction& tx) { return bind_audit_events(limit, keys, tx); });
    return bound ? *bound : -1;
  }
  AuditVerification verify(const std::vector<store::AuditHead>& known = {}) {
    return *database.write([&](sql::Transaction& tx) { return verify_audit_log(known, keys, tx); });
  }
  std::vector<std::string> violations(const std::vector<store::AuditHead>& known = {}) {
    return verify(known).violations;
  }
  void spoil(std::string_view script) { ASSERT_TRUE(database.execute_script(script)); }

  Database database;
  Uuid organization = Uuid::v4(database.random);
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
};

TEST(AuditLog, IsBoundInTheOrderItWasWritten) {
  Log log;
  log.write("object 6");
  const auto waiting = log.verify();
  EXPECT_EQ(waiting.events, 5);
  EXPECT_EQ(waiting.unbound, 1);
  EXPECT_TRUE(waiting.violations.empty());
  EXPECT_EQ(log.bind(500), 1);
  EXPECT_EQ(log.bind(500), 0);
  const auto verified = log.verify({waiting.head});
  EXPECT_EQ(verified.events, 6);
  EXPECT_EQ(verified.unbound, 0);
  EXPECT_EQ(verified.head.number, 6);
  EXPECT_TRUE(verified.violations.empty());
  EXPECT_EQ(log.database.number("SELECT number FROM audit_events WHERE object = 'object 6'"), 6);
}

TEST(AuditLog, IsBoundInPieces) {
  Log log;
  for (int i = 6; i <= 10; ++i) log.write("object " + std::to_string(i));
  EXPECT_EQ(log.bind(2), 2);
  EXPECT_EQ(log.bind(2), 2);
  EXPECT_EQ(log.bind(2), 1);
  EXPECT_EQ(log.verify().events, 10);
  EXPECT_TRUE(log.violations().empty());
}

// One entry of a thousand, at most.
TEST(AuditLog, TellsOfEveryChange) {
  const std::string changed = "is not what was written, or not by whoever has the master key";
  struct Case {
    const char* name;
    std::string_view script;
    std::string complaint;  // how the first begins, or ends
  };
  const Case cases[] = {
      {"an actor", "UPDATE audit_events SET actor = 'uid 1' WHERE number = 3", changed},
      {"an action", "UPDATE audit_events SET action = 'signed_out' WHERE number = 3", changed},
      {"an object", "UPDATE audit_events SET object = 'object 4' WHERE number = 3", changed},
      {"a detail", "UPDATE audit_events SET detail = '' WHERE number = 3", changed},
      {"a time", "UPDATE audit_events SET occurred_at = occurred_at + 1 WHERE number = 3", changed},
      {"an organization", "UPDATE audit_events SET about_organization = NULL WHERE number = 3", changed},
      {"text that moved to the next column",
       "UPDATE audit_events SET actor = 'uid 0s', action = 'igned_in' WHERE number = 3", changed},
      {"a code", "UPDATE audit_events SET mac = (SELECT mac FROM audit_events WHERE number = 2) WHERE number = 3",
       changed},
      {"one taken out", "DELETE FROM audit_events WHERE number = 3",
       "after entry 2 comes entry 4: what was between them is gone"},
      {"one taken out and the rest closed up",
       "DELETE FROM audit_events WHERE number = 3; UPDATE audit_events SET number = 3 WHERE number = 4;"
       "UPDATE audit_events SET number = 4 WHERE number = 5",
       changed},
      {"two exchanged",
       "UPDATE audit_events SET number = 9 WHERE number = 2; UPDATE audit_events SET number = 2 WHERE number = 3;"
       "UPDATE audit_events SET number = 3 WHERE number = 9",
       changed},
      {"the first taken out", "DELETE FROM audit_events WHERE number = 1",
       "after entry 0 comes entry 2: what was between them is gone"},
      {"the last taken out", "DELETE FROM audit_events WHERE number = 5", "the log ends with entry 4, its last was 5"},
      {"one that is unbound again", "UPDATE audit_events SET number = NULL, mac = NULL WHERE number = 5",
       "the log ends with entry 4, its last was 5"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Log log;
    ASSERT_TRUE(log.violations().empty());
    log.spoil(c.script);
    const auto found = log.violations();
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(found.front().ends_with(c.complaint)) << found.front();
  }
}

// Whoever takes the last entries and what tells of them is known by what was noted elsewhere alone.
TEST(AuditLog, IsHeldAgainstWhatWasNoted) {
  Log log;
  const auto noted = log.verify().head;
  const std::string_view cut_off =
      "UPDATE audit_events SET number = NULL, mac = NULL WHERE number = 5; DELETE FROM audit_events WHERE number IS "
      "NULL";
  log.spoil(cut_off);
  const auto four = log.database.ask("SELECT mac FROM audit_events WHERE number = 4");
  const store::AuditHead shorter{4, std::string(four.front().text(0))};
  ASSERT_TRUE(log.database.write([&](sql::Transaction& tx) { return store::AuditLog(tx).put_head(shorter); }));
  EXPECT_TRUE(log.violations().empty());
  EXPECT_EQ(log.violations({noted}), std::vector<std::string>{"the log ends with entry 4, but entry 5 was noted"});
  // Or writes another one in its place.
  log.write("another");
  EXPECT_EQ(log.bind(500), 1);
  EXPECT_TRUE(log.violations().empty());
  EXPECT_EQ(log.violations({noted}), std::vector<std::string>{"entry 5 is another than the one that was noted"});
}

TEST(AuditLog, NeedsItsKey) {
  Log log;
  log.keys = crypto::KeyRing::of_master(Secret(std::string(32, 'x')));
  EXPECT_EQ(log.violations().size(), 5U);
}

TEST(AuditLog, ReadsItsHeads) {
  const store::AuditHead head{17, std::string(32, '\x0a')};
  std::string text = "17:";
  for (int i = 0; i < 32; ++i) text += "0a";
  EXPECT_EQ(store::write_audit_head(head), text);
  ASSERT_TRUE(store::parse_audit_head(text));
  EXPECT_EQ(store::parse_audit_head(text)->mac, head.mac);
  EXPECT_EQ(store::parse_audit_head("0:")->number, 0);
  for (const std::string_view wrong : {"", "17", ":", "17:", "17:0a", "-1:", "x:0a", "17 :0a", "1", "0:0a"})
    EXPECT_FALSE(store::parse_audit_head(wrong)) << wrong;
}

}  // namespace
}  // namespace paylink::app
