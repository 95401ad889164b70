#include "app/connect_account.hpp"

#include "app/testing_connect.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using testing::FakeConnect;
using testing::FakeProvider;
using testing::now;

class ConnectAccountTest : public testing::ConnectTest {};

TEST_F(ConnectAccountTest, LeadsToTheProviderAndBack) {
  const std::string state = begin();
  EXPECT_EQ(states(), "asked");
  EXPECT_EQ(finish(state, owner), "done");
  EXPECT_EQ(at_provider.codes, std::vector<std::string>{"code"});
  EXPECT_EQ(states(), "given");
  EXPECT_EQ(stored().status, ConnectionStatus::pending);
  EXPECT_EQ(choose("pfl_shop", "live"), "done");
  EXPECT_EQ(stored().status, ConnectionStatus::pending);
  EXPECT_EQ(events(), "0 0");
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(states(), "used");
  const Connection known = stored();
  EXPECT_EQ(known.status, ConnectionStatus::enabled);
  EXPECT_EQ(known.profile_id + " " + known.profile_name + " " + known.mode + " " + known.account_name,
            "pfl_shop Shop live Shop at the provider");
  EXPECT_EQ(known.api_key_sealed, "");
  EXPECT_FALSE(known.proposed.has_value());
  EXPECT_EQ(events(), "1 0");
  EXPECT_EQ(token(), "access-1");
  ASSERT_TRUE(access().granted.has_value());
  EXPECT_EQ(access().granted->profile_id, "pfl_shop");
  EXPECT_FALSE(access().granted->is_test);
}

// Each opens as itself alone, and nowhere else.
TEST_F(ConnectAccountTest, SealsTokensToTheirRow) {
  connect();
  const ProviderGrant known = grant();
  EXPECT_EQ(known.access_token_sealed.find("access-1"), std::string::npos);
  EXPECT_EQ(keys.open(known.refresh_token_sealed, refresh_token_seal(known))->reveal(), "refresh-1");
  EXPECT_FALSE(keys.open(known.refresh_token_sealed, access_token_seal(known)).has_value());
  ProviderGrant elsewhere = known;
  elsewhere.id = ProviderGrantId::create(database.clock.now(), database.random);
  EXPECT_FALSE(keys.open(known.access_token_sealed, access_token_seal(elsewhere)).has_value());
  elsewhere = known;
  elsewhere.organization = other.id;
  EXPECT_FALSE(keys.open(known.access_token_sealed, access_token_seal(elsewhere)).has_value());
}

TEST_F(ConnectAccountTest, ComesBackOnceForWhoHasAsked) {
  const UserId admin = add_member("admin@example.com", Role::admin, shop);
  const UserId foreign = add_member("foreign@example.com", Role::owner, other);
  const std::string state = begin();
  std::string forged = state;
  forged[30] = forged[30] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {std::string(), std::string("x"), forged, state + "A", state.substr(1)})
    EXPECT_EQ(finish(bad, owner), "outdated_authorization") << bad;
  EXPECT_EQ(finish(state, admin), "outdated_authorization");
  EXPECT_EQ(finish(state, foreign), "outdated_authorization");
  EXPECT_TRUE(at_provider.codes.empty());
  EXPECT_EQ(finish(state, owner), "done");
  EXPECT_EQ(finish(state, owner), "outdated_authorization") << "once";
  EXPECT_EQ(at_provider.codes.size(), 1U);
}

TEST_F(ConnectAccountTest, ComesBackInTimeAndBeforeAnythingIsDecided) {
  const std::string late = begin();
  let_pass(30min);
  EXPECT_EQ(finish(late, owner), "outdated_authorization");
  const std::string given_up = begin(), latest = begin();
  EXPECT_EQ(finish(given_up, owner), "outdated_authorization") << "begun again";
  ENSURE(now(provider_keys.disconnect(at_page(owner))));
  EXPECT_EQ(finish(latest, owner), "outdated_authorization") << "ended meanwhile";
  EXPECT_TRUE(at_provider.codes.empty());
  EXPECT_EQ(states(), "");
}

TEST_F(ConnectAccountTest, IsForOwnersAndAdminsAtAPageThatDecides) {
  const UserId manager = add_member("manager@example.com", Role::manager, shop);
  const UserId foreign = add_member("foreign@example.com", Role::owner, other);
  EXPECT_EQ(begin(at_page(manager)), "not_administrator");
  EXPECT_EQ(begin(at_page(foreign)), "not_found");
  EXPECT_EQ(begin(at_page(owner, ConnectionUse::look)), "decided");
  EXPECT_EQ(finish(begin(), owner), "done");
  EXPECT_EQ(now(connect_account.choose(at_page(manager), "pfl_shop", "test")).error().reason, "not_administrator");
  EXPECT_EQ(now(connect_account.choose(at_page(foreign), "pfl_shop", "test")).error().reason, "not_found");
  EXPECT_EQ(now(connect_account.choose(at_page(owner, ConnectionUse::look), "pfl_shop", "test")).error().reason,
            "decided");
  EXPECT_FALSE(stored().proposed.has_value());
}

TEST_F(ConnectAccountTest, ForgetsWhatIsRefusedOrWorthNothing) {
  EXPECT_EQ(finish(begin(), owner, "", "access_denied"), "refused");
  EXPECT_EQ(finish(begin(), owner, "", ""), "refused");
  EXPECT_TRUE(at_provider.codes.empty());
  at_provider.always = FakeConnect::grant_refused();
  EXPECT_EQ(finish(begin(), owner), "authorization_failed");
  at_provider.always = FakeProvider::silent();
  EXPECT_EQ(finish(begin(), owner), "provider_unavailable");
  EXPECT_EQ(states(), "");
}

// Tokens that nothing can be told of are not left lying about at the provider.
TEST_F(ConnectAccountTest, RevokesWhatItCannotUse) {
  at_provider.refused_token = "access-1";
  EXPECT_EQ(finish(begin(), owner), "provider_unavailable");
  EXPECT_EQ(states(), "ended");
  at_provider.during_account = [&] { ENSURE(now(provider_keys.disconnect(at_page(owner)))); };
  EXPECT_EQ(finish(begin(), owner), "done") << "the page tells what was decided";
  EXPECT_EQ(states(), "ended ended");
  EXPECT_EQ(look_after(), 2);
  EXPECT_EQ(at_provider.revoked, (std::vector<std::string>{"refresh-1", "refresh-1"}));
  EXPECT_EQ(states(), "gone gone");
}

TEST_F(ConnectAccountTest, ChoosesAmongTheProfilesOfTheAccount) {
  EXPECT_EQ(choose(), "outdated_proposal") << "nobody was there";
  EXPECT_EQ(finish(begin(), owner), "done");
  EXPECT_EQ(choose("pfl_strange"), "no_profile");
  EXPECT_EQ(choose("pfl_bad"), "profile_blocked");
  EXPECT_EQ(choose("pfl_shop", "both"), "no_profile");
  EXPECT_EQ(choose(), "done");
  EXPECT_EQ(choose("pfl_shop", "live"), "done") << "another choice takes its place";
  EXPECT_TRUE(now(provider_keys.discard(at_page(owner))));
  EXPECT_EQ(states(), "given") << "to choose again";
  EXPECT_EQ(confirm(), "outdated_proposal");
  EXPECT_TRUE(now(provider_keys.discard(at_page(owner))));
  EXPECT_EQ(states(), "ended") << "another account";
  EXPECT_EQ(choose(), "outdated_proposal");
}

TEST_F(ConnectAccountTest, IsForgottenWithoutAnAnswer) {
  begin();
  EXPECT_EQ(look_after(), 0);
  let_pass(30min);
  EXPECT_EQ(look_after(), 1);
  EXPECT_EQ(states(), "");
  EXPECT_EQ(finish(begin(), owner), "done");
  let_pass(proposed_key_life - 1s);
  EXPECT_EQ(choose(), "done");
  let_pass(2 * proposed_key_life);
  EXPECT_EQ(confirm(), "outdated_proposal");
  look_after();
  look_after();
  EXPECT_EQ(at_provider.revoked, std::vector<std::string>{"refresh-1"});
}

// Killed between taking a code and keeping what it was worth, and after that.
TEST_F(ConnectAccountTest, LeavesNothingBehindACrash) {
  const std::string state = begin();
  lane.writes_left = 1;
  EXPECT_EQ(finish(state, owner), "down");
  lane.writes_left = -1;
  EXPECT_EQ(finish(state, owner), "outdated_authorization");
  let_pass(10min);
  EXPECT_EQ(look_after(), 1);
  EXPECT_EQ(states(), "");
  const std::string second = begin();
  lane.writes_left = 2;
  EXPECT_EQ(finish(second, owner), "down");
  lane.writes_left = -1;
  EXPECT_EQ(states(), "taken");
  let_pass(10min);
  look_after();
  look_after();
  EXPECT_EQ(at_provider.revoked.size(), 1U);
  EXPECT_EQ(states(), "gone");
}

TEST_F(ConnectAccountTest, ChangesToTheSameProfileAlone) {
  connect();
  const auto first = *stored().grant;
  at_provider.said.profiles = {{"pfl_shop", "Shop"}, {"pfl_other", "Other"}};
  EXPECT_EQ(finish(begin(), owner), "done");
  EXPECT_EQ(choose("pfl_other"), "other_profile");
  EXPECT_EQ(choose("pfl_shop", "live"), "other_mode");
  EXPECT_EQ(choose(), "done");
  EXPECT_EQ(token(), "access-1") << "until it is confirmed";
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(token(), "access-2");
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  EXPECT_EQ(events(), "1 0") << "nothing happened to the connection";
  EXPECT_EQ(grant(first).state, ProviderGrantState::gone);
  EXPECT_EQ(grant(first).refresh_token_sealed, "");
  look_after();
  EXPECT_TRUE(at_provider.revoked.empty()) << "the provider may hold both for one";
}

TEST_F(ConnectAccountTest, GivesWayToAKeyOfTheSameProfile) {
  connect();
  const std::string key = "test_aaaabbbbccccdddd";
  provider.profiles = {{key, {"pfl_shop", "Shop"}}};
  ENSURE(now(provider_keys.propose(at_page(owner), Secret(key))));
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(token(), key);
  EXPECT_FALSE(access().granted.has_value());
  EXPECT_EQ(stored().account_name, "");
  look_after();
  EXPECT_EQ(at_provider.revoked, std::vector<std::string>{"refresh-1"});
  EXPECT_EQ(finish(begin(), owner), "done");
  EXPECT_EQ(choose(), "done");
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(token(), "access-2");
}

}  // namespace
}  // namespace paylink::app
