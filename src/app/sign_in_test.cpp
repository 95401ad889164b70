#include "app/sign_in.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"
#include "base/log.hpp"
#include "domain/new_password.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using crypto::PasswordCheck;
using testing::now;

// Says at once, or once it is let go, what a password's hash is: its letters behind "hash:", or behind "old:" when it
// was made with other parameters.
class FakePasswords final : public Passwords {
 public:
  Task<Result<PasswordCheck>> check(Secret password, std::string hash, std::string network) override {
    ++checks;
    last_network = std::move(network);
    co_await Gate{*this};
    if (is_full) co_return fail(ErrorCode::unavailable, "overloaded", "");
    if (auto step = std::exchange(during_check, nullptr)) step();
    if (hash == "hash:" + password.reveal()) co_return PasswordCheck::right;
    if (hash == "old:" + password.reveal()) co_return PasswordCheck::right_but_outdated;
    was_nobodys = hash == crypto::nobodys_password_hash();
    co_return PasswordCheck::wrong;
  }
  Task<Result<std::string>> hash(Secret password, std::string network) override {
    ++hashes;
    last_network = std::move(network);
    if (cannot_hash) co_return fail(ErrorCode::unavailable, "overloaded", "");
    co_return "hash:" + password.reveal();
  }
  void let_go() {
    is_held = false;
    for (const auto waiting : std::exchange(waiting_, {})) waiting.resume();
  }

  int checks = 0, hashes = 0;
  bool is_held = false, is_full = false, cannot_hash = false, was_nobodys = false;
  std::string last_network;
  std::function<void()> during_check;

 private:
  struct Gate {
    FakePasswords& passwords;
    bool await_ready() const noexcept { return !passwords.is_held; }
    void await_suspend(std::coroutine_handle<> waiting) const { passwords.waiting_.push_back(waiting); }
    void await_resume() const noexcept {}
  };
  std::vector<std::coroutine_handle<>> waiting_;
};

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() { store_hash("hash:right"); }

  void store_hash(std::string_view hash) {
    ENSURE(database.write(
        [&](sql::Transaction& tx) { return store::Members(tx).set_password_hash(shop.installation.user, hash); }));
  }
  std::string stored_hash() {
    return database.write([&](sql::Transaction& tx) { return store::Members(tx).find_user(shop.installation.user); })
        ->value()
        .password_hash;
  }

  static Claim claim(std::string_view password, std::string_view network = "192.0.2.1",
                     std::string_view email = "owner@example.com") {
    return {std::string(email), Secret(std::string(password)), {{std::string(network), 1}}};
  }
  // "in", or why not.
  std::string try_it(Claim tried) {
    auto begun = now(sign_in.sign_in(std::move(tried), {"browser"}));
    if (!begun) return begun.error().reason;
    last = std::move(begun);
    return "in";
  }
  std::string try_it(std::string_view password, std::string_view network = "192.0.2.1",
                     std::string_view email = "owner@example.com") {
    return try_it(claim(password, network, email));
  }
  std::optional<SignedIn> find(const NewSession& begun) {
    const auto presented = read_session_word(begun.word.reveal(), shop.keys);
    return *database.write([&](sql::Transaction& tx) { return find_session(*presented, tx); });
  }
  NewSession begin() {
    EXPECT_EQ(try_it("right"), "in");
    return *last;
  }
  // Wrong ones for two things, and right ones for two.
  std::int64_t counted() {
    return database.number("SELECT CAST(COALESCE(SUM(failures), 0) AS BIGINT) FROM sign_in_failures");
  }

  store::testing::Database database;
  testing::TestInstallation shop{database};
  testing::TestLane lane{database};
  FakePasswords passwords;
  SignIn sign_in{lane, passwords, shop.keys};
  Result<NewSession> last = Failure{};
};

TEST_F(SignInTest, LetsInWhoKnowsThePassword) {
  struct Case {
    const char* name;
    std::string email, password, outcome;
  };
  const Case cases[] = {
      {"right", "owner@example.com", "right", "in"},
      {"an address in capitals, with spaces", " Owner@EXAMPLE.com ", "right", "in"},
      {"wrong", "owner@example.com", "Right", "wrong_password"},
      {"no password", "owner@example.com", "", "wrong_password"},
      {"an unknown address", "somebody@example.com", "right", "wrong_password"},
      {"no address", "", "right", "wrong_password"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(try_it(c.password, "192.0.2.1", c.email), c.outcome);
  }
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM sessions"), 2);
  EXPECT_EQ(passwords.checks, 6) << "each costs the same";
  EXPECT_EQ(counted(), 2 * 4 + 2 * 2) << "right ones are taken back, and counted as such";
}

TEST_F(SignInTest, TellsTheLogOfWrongPasswords) {
  const auto logged = [&](std::string_view password, std::string_view email) {
    ::testing::internal::CaptureStderr();
    start_logging(LogLevel::info);
    try_it(password, "192.0.2.1", email);
    stop_logging();
    const std::string line = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(line.find(email), std::string::npos) << line;
    const std::size_t begin = std::min(line.find(R"("level")"), line.size());
    return line.substr(begin, line.find('\n') - begin);
  };
  const std::string begin = R"("level":"warn","event":"wrong_password","user":")";
  const std::string user = shop.installation.user.text();
  EXPECT_EQ(logged("wrong", "owner@example.com"), begin + user + R"(","network":"192.0.2.1"})");
  EXPECT_EQ(logged("wrong", "somebody@example.com"), begin + R"(","network":"192.0.2.1"})");
  EXPECT_EQ(logged("right", "owner@example.com"), "");
}

TEST_F(SignInTest, ChecksAnUnknownAddressAgainstNobodysHash) {
  EXPECT_EQ(try_it("right", "192.0.2.1", "somebody@example.com"), "wrong_password");
  EXPECT_TRUE(passwords.was_nobodys);
}

TEST_F(SignInTest, BeginsASessionOfItsOwnEachTime) {
  const NewSession first = begin(), second = begin();
  EXPECT_NE(first.word.reveal(), second.word.reveal());
  EXPECT_TRUE(find(first));
  const auto presented = read_session_word(first.word.reveal(), shop.keys);
  ASSERT_TRUE(now(sign_in.sign_in(claim("right"), {"browser", presented})));
  EXPECT_FALSE(find(first)) << "in the same browser";
  EXPECT_TRUE(find(second));
}

TEST_F(SignInTest, RenewsAnOutdatedHash) {
  store_hash("old:right");
  EXPECT_EQ(try_it("wrong"), "wrong_password");
  EXPECT_EQ(stored_hash(), "old:right");
  passwords.cannot_hash = true;
  EXPECT_EQ(try_it("right"), "in") << "renewing can wait";
  EXPECT_EQ(stored_hash(), "old:right");
  passwords.cannot_hash = false;
  EXPECT_EQ(try_it("right"), "in");
  EXPECT_EQ(stored_hash(), "hash:right");
  EXPECT_EQ(passwords.hashes, 2);
}

TEST_F(SignInTest, RefusesTheEleventhWrongPassword) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_it("wrong"), "wrong_password") << i;
  const auto refused = now(sign_in.sign_in(claim("right"), {"browser"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "too_many_attempts");
  EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(refused.error().retry_after_seconds, 15 * 60 + 1);
  EXPECT_EQ(passwords.checks, 10) << "refused before hashing";
  EXPECT_EQ(try_it("right", "198.51.100.7"), "in") << "from elsewhere nobody is locked out";
  EXPECT_EQ(try_it("wrong", "192.0.2.1", "somebody@example.com"), "wrong_password") << "another account";
  database.clock.advance(15min);
  EXPECT_EQ(try_it("right"), "too_many_attempts");
  database.clock.advance(1s);
  EXPECT_EQ(try_it("right"), "in") << "when it was told to come again";
}

TEST_F(SignInTest, LocksNobodyOutForAsLongAsTheClockWasAhead) {
  database.clock.advance(72h);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_it("wrong"), "wrong_password");
  EXPECT_EQ(try_it("right"), "too_many_attempts");
  database.clock.advance(-5min);
  EXPECT_EQ(try_it("right"), "too_many_attempts") << "nodes are not quite one";
  database.clock.advance(5min - 72h);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_it("wrong"), "wrong_password");
  EXPECT_EQ(try_it("right"), "too_many_attempts");
}

TEST_F(SignInTest, TellsAnUnknownAddressNothingElse) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_it("wrong", "192.0.2.1", "somebody@example.com"), "wrong_password") << i;
  EXPECT_EQ(try_it("wrong", "192.0.2.1", "somebody@example.com"), "too_many_attempts");
  EXPECT_EQ(try_it("wrong", "192.0.2.1", " Somebody@example.com"), "too_many_attempts");
}

TEST_F(SignInTest, ARightPasswordDoesNotWipeOutTheWrongOnes) {
  for (int i = 0; i < 9; ++i) EXPECT_EQ(try_it("wrong"), "wrong_password");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(try_it("right"), "in");
  EXPECT_EQ(try_it("wrong"), "wrong_password");
  EXPECT_EQ(try_it("right"), "too_many_attempts");
}

TEST_F(SignInTest, CountsANetworkWhoeverIsTried) {
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(try_it("wrong", "192.0.2.1", "user" + std::to_string(i) + "@example.com"), "wrong_password");
  EXPECT_EQ(try_it("right"), "too_many_attempts");
  EXPECT_EQ(try_it("right", "192.0.2.2"), "in");
  EXPECT_EQ(passwords.checks, 101);
}

TEST_F(SignInTest, LimitsRightPasswordsOfAnAccount) {
  for (int i = 0; i < 60; ++i) EXPECT_EQ(try_it("right"), "in") << i;
  database.clock.advance(1min);
  const auto refused = now(sign_in.sign_in(claim("right"), {"browser"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "too_many_attempts");
  EXPECT_EQ(refused.error().retry_after_seconds, 14 * 60 + 1);
  EXPECT_EQ(try_it("wrong"), "too_many_attempts");
  EXPECT_EQ(passwords.checks, 60) << "refused before hashing";
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM audit_events WHERE action = 'signed_in'"), 60);
  EXPECT_EQ(try_it("right", "192.0.2.1", "somebody@example.com"), "wrong_password") << "another account";
  EXPECT_EQ(try_it("wrong", "203.0.113.1"), "wrong_password") << "elsewhere it does not show";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_it("right", "198.51.100.7"), "in") << "nobody is locked out: " << i;
  EXPECT_EQ(try_it("right", "198.51.100.7"), "too_many_attempts");
  database.clock.advance(14min);
  EXPECT_EQ(try_it("right"), "too_many_attempts");
  database.clock.advance(1s);
  EXPECT_EQ(try_it("right"), "in") << "when it was told to come again";
}

TEST_F(SignInTest, LimitsRightPasswordsWhereverTheyAreTyped) {
  NewSession here = begin();
  const auto again = [&] {
    auto done = now(sign_in.authenticate_again(*find(here), Secret("right"), {{"192.0.2.1", 1}}));
    if (!done) return done.error().reason;
    here = *std::move(done);
    return std::string();
  };
  for (int i = 1; i < 60; ++i) EXPECT_EQ(again(), "") << i;
  EXPECT_EQ(again(), "too_many_attempts");
  EXPECT_TRUE(find(here)) << "whoever is signed in stays so";
}

TEST_F(SignInTest, HasPasswordsHashedForTheWidestNetwork) {
  store_hash("old:right");
  Claim from = claim("right", "2001:db8::/64");
  from.networks.push_back({"2001:db8::/48", 4});
  EXPECT_EQ(try_it(from), "in");
  EXPECT_EQ(passwords.hashes, 1);
  EXPECT_EQ(passwords.last_network, "2001:db8::/48");
}

TEST_F(SignInTest, CountsANetworkAroundTheClientsToo) {
  const auto from = [](int host, std::string_view password) {
    Claim tried = claim(password, "2001:db8::" + std::to_string(host));
    tried.networks.push_back({"2001:db8::/48", 4});
    return tried;
  };
  for (int host = 0; host < 40; ++host) EXPECT_EQ(try_it(from(host, "wrong")), "wrong_password") << host;
  EXPECT_EQ(try_it(from(41, "right")), "too_many_attempts");
}

TEST_F(SignInTest, GrantsTriesAtTheSameTimeNoMore) {
  passwords.is_held = true;
  std::map<std::string, int> outcomes;
  for (int i = 0; i < 50; ++i)
    start(
        sign_in.sign_in(claim("wrong"), {"browser"}),
        [&](const Result<NewSession>& begun) { ++outcomes[begun ? "in" : begun.error().reason]; },
        [](const std::exception_ptr& thrown) { std::rethrow_exception(thrown); });
  EXPECT_EQ(passwords.checks, 10) << "while none of them has been answered";
  EXPECT_EQ(outcomes["too_many_attempts"], 40);
  passwords.let_go();
  EXPECT_EQ(outcomes["wrong_password"], 10);
  EXPECT_EQ(passwords.checks, 10);
}

TEST_F(SignInTest, RefusesAHundredThousandTriesForNothing) {
  const int tries = store::testing::is_on_postgres() ? 2'000 : 100'000;
  int refused = 0;
  for (int i = 0; i < tries; ++i) refused += try_it("wrong") == "too_many_attempts" ? 1 : 0;
  EXPECT_EQ(refused, tries - 10);
  EXPECT_EQ(passwords.checks, 10);
  EXPECT_EQ(counted(), 20) << "what is refused is not counted";
}

TEST_F(SignInTest, TakesATryBackThatCameToNothing) {
  passwords.is_full = true;
  EXPECT_EQ(try_it("right"), "overloaded");
  EXPECT_EQ(counted(), 0);
}

TEST_F(SignInTest, DoesNotLetInWithAPasswordThatIsBeingChanged) {
  passwords.during_check = [this] { store_hash("hash:other"); };
  EXPECT_EQ(try_it("right"), "wrong_password");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM sessions"), 0);
}

TEST_F(SignInTest, AsksForThePasswordAgain) {
  const NewSession begun = begin();
  NewSession here = begun;
  database.clock.advance(20min);
  const auto again = [&](std::string_view password) {
    auto done = now(sign_in.authenticate_again(*find(here), Secret(std::string(password)), {{"192.0.2.1", 1}}));
    if (!done) return done.error().reason;
    here = *std::move(done);
    return std::string();
  };
  EXPECT_EQ(again("wrong"), "wrong_password");
  EXPECT_EQ(find(begun)->session.authenticated_at, database.clock.now() - 20min);
  EXPECT_EQ(again("right"), "");
  EXPECT_FALSE(find(begun)) << "whoever has its word has nothing any more";
  const auto renewed = find(here);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->session.authenticated_at, database.clock.now());
  EXPECT_EQ(renewed->session.last_seen_at, database.clock.now());
  EXPECT_EQ(renewed->session.created_at, begun.session.created_at);
  EXPECT_EQ(renewed->session.expires_at, begun.session.expires_at) << "it lasts no longer";
  EXPECT_EQ(renewed->session.user_agent, "browser");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM sessions"), 1);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(again("wrong"), "wrong_password");
  EXPECT_EQ(again("right"), "too_many_attempts") << "whoever found the browser open is limited, too";
}

TEST_F(SignInTest, DoesNothingForASessionThatHasEnded) {
  const SignedIn signed_in = *find(begin());
  passwords.during_check = [&] {
    ENSURE(database.write([&](sql::Transaction& tx) { return end_session(signed_in, tx); }));
  };
  const auto done = now(sign_in.change_password(signed_in, {Secret("right"), Secret("new")}, {{"192.0.2.1", 1}}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "signed_out");
  EXPECT_EQ(stored_hash(), "hash:right");
  EXPECT_EQ(counted(), 2) << "the password was right, and nothing came of it but the session before";
}

TEST_F(SignInTest, ChangesThePassword) {
  const NewSession here = begin(), elsewhere = begin();
  std::optional<NewSession> renewed;
  const auto change = [&](std::string_view current) {
    auto done =
        now(sign_in.change_password(*find(here), {Secret(std::string(current)), Secret("new")}, {{"192.0.2.1", 1}}));
    if (!done) return done.error().reason;
    renewed = *std::move(done);
    return std::string();
  };
  EXPECT_EQ(change("wrong"), "wrong_password");
  EXPECT_EQ(stored_hash(), "hash:right");
  EXPECT_TRUE(find(elsewhere));
  passwords.cannot_hash = true;
  EXPECT_EQ(change("right"), "overloaded");
  EXPECT_EQ(counted(), 2 + 2 * 2) << "the wrong one, and the two sessions";
  passwords.cannot_hash = false;
  EXPECT_EQ(change("right"), "");
  EXPECT_EQ(stored_hash(), "hash:new");
  EXPECT_FALSE(find(here)) << "whoever has its word has nothing any more";
  EXPECT_FALSE(find(elsewhere)) << "its session ends";
  ASSERT_TRUE(renewed);
  ASSERT_TRUE(find(*renewed));
  EXPECT_EQ(find(*renewed)->session.expires_at, here.session.expires_at) << "it lasts no longer";
  EXPECT_EQ(try_it("right"), "wrong_password");
  EXPECT_EQ(try_it("new"), "in");
}

}  // namespace
}  // namespace paylink::app
