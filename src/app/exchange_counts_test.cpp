#include "app/exchange_counts.hpp"

#include <gtest/gtest.h>

#include "app/retention.hpp"
#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;

struct Teller {
  explicit Teller(store::testing::Database& shared) : database(shared) {
    round.node = Uuid::v7(database.clock.now(), database.random);
  }

  void tell(std::string counts) { round.own.push_back({++sequence, database.clock.now(), std::move(counts)}); }
  // What was heard, as one text, in no particular order of nodes.
  std::string exchange() {
    auto exchanged = database.write([this](sql::Transaction& tx) { return exchange_counts(round, tx); });
    if (!exchanged) return "failed";
    round.own.clear();
    round.last_heard = exchanged->last_heard;
    std::string text;
    for (const HeardCounts& heard : exchanged->heard) text += heard.counts + "@" + std::to_string(heard.age / 1s) + " ";
    return text;
  }

  store::testing::Database& database;
  CountRound round;
  std::int64_t sequence = 0;
};

struct ExchangeCountsTest : ::testing::Test {
  store::testing::Database database;
  Teller ours{database}, theirs{database};
};

TEST_F(ExchangeCountsTest, HearsEachPublicationOfOthersOnce) {
  theirs.tell("a");
  EXPECT_EQ(theirs.exchange(), "");  // not what one has told oneself
  ours.tell("b");
  EXPECT_EQ(ours.exchange(), "a@0 ");
  EXPECT_EQ(ours.exchange(), "");
  EXPECT_EQ(theirs.exchange(), "b@0 ");
  theirs.tell("c");
  theirs.exchange();
  EXPECT_EQ(ours.exchange(), "c@0 ");
}

TEST_F(ExchangeCountsTest, TellsHowOldWhatItMissedIs) {
  for (const char* counts : {"a", "b", "c"}) {
    theirs.tell(counts);
    theirs.exchange();
    database.clock.advance(10s);
  }
  EXPECT_EQ(ours.exchange(), "a@20 b@10 c@0 ");
}

TEST_F(ExchangeCountsTest, MissesNothingWithinAMinuteAndHearsNothingOlder) {
  theirs.tell("a");
  theirs.exchange();
  database.clock.advance(60s);
  EXPECT_EQ(ours.exchange(), "a@0 ");
  database.clock.advance(1us);
  EXPECT_EQ(Teller(database).exchange(), "");
  // Nor does what was heard come back when its author has been silent for so long that nobody remembers it.
  database.clock.advance(10min);
  EXPECT_EQ(ours.exchange(), "");
  EXPECT_TRUE(ours.round.last_heard.empty());
  theirs.tell("b");
  theirs.exchange();
  EXPECT_EQ(ours.exchange(), "b@0 ");
}

TEST_F(ExchangeCountsTest, MayBeDoneAgainWhenItsOutcomeIsNotKnown) {
  theirs.tell("a");
  const CountRound before = theirs.round;
  theirs.exchange();
  theirs.round = before;
  theirs.tell("b");
  theirs.exchange();
  EXPECT_EQ(ours.exchange(), "a@0 b@0 ");
}

TEST_F(ExchangeCountsTest, ReadsALongAbsenceInPieces) {
  for (int i = 0; i < 70; ++i) theirs.tell("x");
  theirs.exchange();
  EXPECT_EQ(ours.exchange().size(), 64 * 4U);
  EXPECT_EQ(ours.exchange().size(), 6 * 4U);
}

TEST_F(ExchangeCountsTest, IsForgottenAfterAMinute) {
  theirs.tell("a");
  theirs.exchange();
  const auto purge = [](sql::Transaction& tx) { return purge_old_rows(10, tx); };
  database.clock.advance(60s);
  EXPECT_EQ(*database.write(purge), 0);
  database.clock.advance(1us);
  EXPECT_EQ(*database.write(purge), 1);
}

}  // namespace
}  // namespace paylink::app
