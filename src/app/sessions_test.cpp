#include "app/sessions.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"
#include "crypto/encoding.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public ::testing::Test {
 protected:
  template <class Step>
  auto step(Step run) {
    auto result = database.write(sql::Tenant::nobody(), run);
    ENSURE(result.has_value());
    if constexpr (!std::is_same_v<decltype(result), Result<>>) return *std::move(result);
  }
  NewSession begin(std::string_view user_agent = "browser") {
    return step([&](sql::Transaction& tx) { return begin_session(user, user_agent, shop.keys, tx); });
  }
  std::optional<SignedIn> find(const NewSession& begun) {
    const auto presented = read_session_word(begun.word.reveal(), shop.keys);
    ENSURE(presented.has_value());
    return step([&](sql::Transaction& tx) { return find_session(*presented, tx); });
  }

  store::testing::Database database;
  testing::TestInstallation shop{database};
  const UserId user = shop.installation.user;
};

TEST_F(SessionsTest, KnowsWhoComesWithItsWord) {
  const NewSession begun = begin("Mozilla/5.0\r\n\xff" + std::string(300, 'x'));
  const auto signed_in = find(begun);
  ASSERT_TRUE(signed_in);
  EXPECT_EQ(signed_in->user, user);
  EXPECT_EQ(signed_in->email, "owner@example.com");
  EXPECT_EQ(signed_in->session.id, begun.session.id);
  EXPECT_EQ(signed_in->session.user_agent, "Mozilla/5.0???" + std::string(186, 'x'));
  // Of the word nothing is stored but its keyed hash.
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM sessions"), 1);
  const auto presented = read_session_word(begun.word.reveal(), shop.keys);
  EXPECT_EQ(presented->hash, shop.keys.hash_token(begun.word.reveal()));
}

TEST_F(SessionsTest, KnowsNobodyElse) {
  const std::string word = begin().word.reveal();
  EXPECT_EQ(word.size(), 64U);
  struct Case {
    const char* name;
    std::string word;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"too short", word.substr(0, 60)},
      {"too long", word + "AAAA"},
      {"not base64url", word.substr(0, 63) + "+"},
      {"padded", word.substr(0, 63) + "="},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(read_session_word(c.word, shop.keys));
  }
  // Well-formed, but of nobody: another random part, another user's id before a good one.
  for (const std::size_t at : {std::size_t{0}, std::size_t{40}}) {
    SCOPED_TRACE(at);
    std::string other = word;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    const auto presented = read_session_word(other, shop.keys);
    ASSERT_TRUE(presented);
    EXPECT_FALSE(step([&](sql::Transaction& tx) { return find_session(*presented, tx); }));
  }
}

TEST_F(SessionsTest, EndsWhenItIsIdleAndAfterItsLife) {
  const NewSession idle = begin(), used = begin();
  database.clock.advance(59min);
  ASSERT_TRUE(find(idle));
  for (int i = 0; i < 11; ++i) {
    const auto signed_in = find(used);
    ASSERT_TRUE(signed_in) << i;
    EXPECT_TRUE(is_touch_due(*signed_in, database.clock.now()));
    step([&](sql::Transaction& tx) { return touch_session(*signed_in, tx); });
    EXPECT_FALSE(is_touch_due(*find(used), database.clock.now() + 59s));
    database.clock.advance(1h);
  }
  EXPECT_FALSE(find(idle));
  EXPECT_TRUE(find(used)) << "an hour to the second";
  const auto late = find(used);
  step([&](sql::Transaction& tx) { return touch_session(*late, tx); });
  database.clock.advance(1min);
  EXPECT_FALSE(find(used)) << "12 hours";
}

TEST_F(SessionsTest, StoresThatItIsInUseOnceAMinuteAtMost) {
  testing::TestLane lane(database);
  const NewSession begun = begin();
  const auto recognize_at = [&](std::chrono::seconds later) {
    database.clock.advance(later);
    const auto signed_in =
        testing::now(recognize(read_session_word(begun.word.reveal(), shop.keys), lane, database.clock));
    return signed_in && *signed_in && (*signed_in)->user == user;
  };
  EXPECT_TRUE(recognize_at(59s));
  EXPECT_EQ(lane.writes, 0);
  EXPECT_TRUE(recognize_at(1s));
  EXPECT_EQ(lane.writes, 1);
  EXPECT_TRUE(recognize_at(59s));
  EXPECT_EQ(lane.writes, 1);
  lane.writes_left = 0;
  EXPECT_TRUE(recognize_at(60s)) << "the storage is full";
  EXPECT_FALSE(recognize_at(1h));
  EXPECT_FALSE(*testing::now(recognize(std::nullopt, lane, database.clock)));
}

TEST_F(SessionsTest, EndsTheOldestOfTooMany) {
  const NewSession first = begin();
  database.clock.advance(1s);
  const NewSession second = begin();
  for (int i = 0; i < 49; ++i) begin();
  EXPECT_FALSE(find(first));
  EXPECT_TRUE(find(second));
  EXPECT_EQ(step([&](sql::Transaction& tx) { return list_sessions(user, tx); }).size(), 50U);
}

TEST_F(SessionsTest, EndsWhenItIsTold) {
  const NewSession first = begin(), second = begin(), third = begin();
  const auto at_first = find(first), at_third = find(third);
  step([&](sql::Transaction& tx) { return end_session(*at_first, tx); });
  EXPECT_FALSE(find(first));
  EXPECT_FALSE(step([&](sql::Transaction& tx) { return is_live(*at_first, tx); }));
  EXPECT_TRUE(step([&](sql::Transaction& tx) { return is_live(*at_third, tx); }));
  EXPECT_EQ(step([&](sql::Transaction& tx) { return list_sessions(user, tx); }).size(), 2U);
  step([&](sql::Transaction& tx) { return end_other_sessions(at_third->session, tx); });
  EXPECT_FALSE(find(second));
  EXPECT_TRUE(find(third));
  step([&](sql::Transaction& tx) { return end_all_sessions(user, tx); });
  EXPECT_FALSE(find(third));
  EXPECT_TRUE(step([&](sql::Transaction& tx) { return list_sessions(user, tx); }).empty());
}

}  // namespace
}  // namespace paylink::app
