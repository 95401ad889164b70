#include "app/provider_keys.hpp"

#include "app/install.hpp"
#include "app/retention.hpp"
#include "app/testing.hpp"
#include "store/members.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using testing::now;

const std::string test_key = "test_aaaabbbbccccdddd", other_test_key = "test_eeeeffffgggghhhh";
const std::string live_key = "live_aaaabbbbccccdddd", strange_key = "test_iiiijjjjkkkkllll";

// A connection that was begun, and people of and beside its organization.
class ProviderKeysTest : public ::testing::Test {
 protected:
  ProviderKeysTest() {
    const auto account = BankAccountId::create(database.clock.now(), database.random);
    connection.bank_account = account;
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(store::Organizations(tx).insert_bank_account({shop.id, account, "Account", "FR76", "BIC", "EUR"}));
      return store::Connections(tx).insert(connection);
    }));
    provider.profiles = {{test_key, {"pfl_shop", "Shop"}},
                         {other_test_key, {"pfl_shop", "Shop"}},
                         {live_key, {"pfl_shop", "Shop"}},
                         {strange_key, {"pfl_strange", "Stranger"}}};
  }

  UserId add_user(const std::string& email) {
    const auto id = UserId::create(database.clock.now(), database.random);
    ENSURE(database.write([&](sql::Transaction& tx) { return store::Members(tx).insert_user({id, email, "hash"}); }));
    return id;
  }
  UserId add_member(const std::string& email, Role role, const Organization& organization) {
    const UserId user = add_user(email);
    const auto id = MembershipId::create(database.clock.now(), database.random);
    ENSURE(database.write(
        [&](sql::Transaction& tx) { return store::Members(tx).insert({organization.id, id, user, role}); }));
    return user;
  }
  Connection stored() {
    return *database.write([&](sql::Transaction& tx) { return store::Connections(tx).find(shop.id, connection.id); });
  }
  // With a word that was made just now.
  ConnectionVisitor at_page(UserId user, ConnectionUse use = ConnectionUse::decide) {
    return {{shop.id, connection.id, stored().revision, use}, user};
  }
  std::string visit(const ConnectionVisitor& visitor) {
    const auto view = database.write([&](sql::Transaction& tx) { return visit_connection(visitor, tx); });
    return view ? view->organization.slug : view.error().reason;
  }
  std::string propose(const ConnectionVisitor& visitor, const std::string& key) {
    const auto done = now(provider_keys.propose(visitor, Secret(key)));
    return done ? "done" : done.error().reason;
  }
  std::string propose(const std::string& key) { return propose(at_page(owner), key); }
  std::string confirm(const ConnectionVisitor& visitor, Time proposed_at) {
    const auto done = now(provider_keys.confirm(visitor, proposed_at));
    return done ? "done" : done.error().reason;
  }
  std::string confirm() { return confirm(at_page(owner), stored().proposed.value_or(store::ProposedKey{}).at); }
  // The key that payments are made with.
  std::string key_in_use() {
    const Connection known = stored();
    const auto key = keys.open(known.api_key_sealed, connection_seal(known.organization, known.id));
    return key ? key->reveal() : key.error().reason;
  }
  // How many were told that it was enabled, and that it was revoked.
  std::string events() {
    const auto enabled =
        database.number("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_enabled%'");
    const auto revoked =
        database.number("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_revoked%'");
    return std::to_string(enabled) + " " + std::to_string(revoked);
  }

  store::testing::Database database;
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  Organization shop = store::testing::add_organization(database, "shop");
  Organization other = store::testing::add_organization(database, "other");
  UserId owner = add_member("owner@example.com", Role::owner, shop);
  UserId admin = add_member("admin@example.com", Role::admin, shop);
  Connection connection{shop.id,
                        ConnectionId::create(database.clock.now(), database.random),
                        "mollie",
                        "test",
                        ConnectionStatus::pending,
                        "",
                        {}};
  testing::TestLane lane{database};
  testing::FakeProvider provider;
  ProviderKeys provider_keys{lane, provider, keys};
};

TEST_F(ProviderKeysTest, IsShownAndConfirmed) {
  EXPECT_EQ(propose(test_key), "done");
  EXPECT_EQ(stored().status, ConnectionStatus::pending);
  EXPECT_EQ(stored().api_key_sealed, "");
  const auto proposed = stored().proposed;
  ASSERT_TRUE(proposed.has_value());
  EXPECT_EQ(proposed->profile_id + " " + proposed->profile_name + " " + proposed->mode, "pfl_shop Shop test");
  EXPECT_EQ(proposed->api_key_sealed.find(test_key), std::string::npos);
  EXPECT_FALSE(keys.open(proposed->api_key_sealed, connection_seal(shop.id, connection.id)).has_value())
      << "what was only shown pays nobody";
  EXPECT_EQ(events(), "0 0");
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  EXPECT_EQ(stored().profile_id + " " + stored().profile_name + " " + stored().mode, "pfl_shop Shop test");
  EXPECT_FALSE(stored().proposed.has_value());
  EXPECT_EQ(key_in_use(), test_key);
  EXPECT_EQ(events(), "1 0");
}

TEST_F(ProviderKeysTest, OfALiveModeStaysOne) {
  EXPECT_EQ(propose(live_key), "done");
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(stored().mode, "live");
  EXPECT_EQ(propose(test_key), "other_mode");
}

TEST_F(ProviderKeysTest, IsAskedAboutAtTheProvider) {
  for (const std::string& key : {std::string(), std::string("test_"), std::string("test_short"),
                                 std::string("access_aaaabbbbccccdddd"), "test-aaaabbbbccccdddd" + std::string(),
                                 test_key + "\r\nHost: x", test_key + std::string(200, 'a'), " " + test_key})
    EXPECT_EQ(propose(key), "no_api_key") << key;
  EXPECT_EQ(propose("test_mmmmnnnnooooppppp"), "key_refused");
  provider.profiles[test_key].is_blocked = true;
  EXPECT_EQ(propose(test_key), "profile_blocked");
  provider.failures = {testing::FakeProvider::silent()};
  EXPECT_EQ(propose(other_test_key), "provider_unavailable");
  EXPECT_FALSE(stored().proposed.has_value());
}

TEST_F(ProviderKeysTest, IsReplacedByOneOfTheSameProfileAndMode) {
  propose(test_key);
  confirm();
  EXPECT_EQ(propose(strange_key), "other_profile");
  EXPECT_EQ(propose(live_key), "other_mode");
  EXPECT_EQ(propose(other_test_key), "done");
  EXPECT_EQ(key_in_use(), test_key) << "until it is confirmed";
  EXPECT_EQ(confirm(), "done");
  EXPECT_EQ(key_in_use(), other_test_key);
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
  EXPECT_EQ(events(), "1 0") << "nothing happened to the connection";
}

TEST_F(ProviderKeysTest, IsForOwnersAndAdmins) {
  const UserId manager = add_member("manager@example.com", Role::manager, shop);
  const UserId reporter = add_member("reporter@example.com", Role::reporter, shop);
  const UserId foreign = add_member("foreign@example.com", Role::owner, other);
  const UserId nobody = add_user("nobody@example.com");
  EXPECT_EQ(visit(at_page(owner)), "shop");
  EXPECT_EQ(visit(at_page(admin)), "shop");
  const std::pair<UserId, std::string> refused[] = {
      {manager, "not_administrator"}, {reporter, "not_administrator"}, {foreign, "not_found"}, {nobody, "not_found"}};
  EXPECT_EQ(propose(test_key), "done");
  const Time at = stored().proposed->at;
  for (const auto& [user, reason] : refused) {
    EXPECT_EQ(visit(at_page(user)), reason);
    EXPECT_EQ(propose(at_page(user), test_key), reason);
    EXPECT_EQ(confirm(at_page(user), at), reason);
    EXPECT_EQ(now(provider_keys.discard(at_page(user))).error().reason, reason);
    EXPECT_EQ(now(provider_keys.disconnect(at_page(user))).error().reason, reason);
  }
  EXPECT_EQ(stored().status, ConnectionStatus::pending);
  EXPECT_TRUE(stored().proposed.has_value());
  ConnectionVisitor elsewhere = at_page(foreign);
  elsewhere.word.organization = other.id;
  EXPECT_EQ(visit(elsewhere), "not_found") << "a connection of somebody else's, named as one of one's own";
}

// An address that may only be looked at, or with which something was decided already.
TEST_F(ProviderKeysTest, IsShownToAPageThatDecides) {
  const ConnectionVisitor reader = at_page(owner, ConnectionUse::look), early = at_page(owner);
  EXPECT_EQ(visit(reader), "shop");
  EXPECT_EQ(propose(reader, test_key), "decided");
  EXPECT_EQ(propose(early, test_key), "done");
  EXPECT_EQ(confirm(reader, stored().proposed->at), "decided");
  EXPECT_EQ(confirm(early, stored().proposed->at), "done");
  EXPECT_EQ(visit(early), "shop");
  EXPECT_EQ(propose(early, other_test_key), "decided");
  EXPECT_EQ(now(provider_keys.disconnect(early)).error().reason, "decided");
  EXPECT_EQ(stored().status, ConnectionStatus::enabled);
}

TEST_F(ProviderKeysTest, IsConfirmedWhenItWasSeen) {
  EXPECT_EQ(confirm(at_page(owner), database.clock.now()), "outdated_proposal");
  propose(test_key);
  const Time first = stored().proposed->at;
  database.clock.advance(1s);
  propose(at_page(admin), strange_key);
  EXPECT_EQ(confirm(at_page(owner), first), "outdated_proposal") << "somebody has shown another one meanwhile";
  const Time second = stored().proposed->at;
  EXPECT_EQ(confirm(at_page(owner), second), "done") << "whoever of them has seen it";
  EXPECT_EQ(key_in_use(), strange_key);
}

TEST_F(ProviderKeysTest, IsForgottenWithoutAnAnswer) {
  propose(test_key);
  database.clock.advance(proposed_key_life - 1us);
  const auto shown = [&] {
    const auto visitor = at_page(owner);
    const auto view = database.write([&](sql::Transaction& tx) { return visit_connection(visitor, tx); });
    return proposal_of(*view, database.clock.now()) != nullptr;
  };
  const auto purge = [&] { ENSURE(database.write([&](sql::Transaction& tx) { return purge_old_rows(10, tx); })); };
  EXPECT_TRUE(shown());
  purge();
  EXPECT_TRUE(stored().proposed.has_value());
  database.clock.advance(1us);
  EXPECT_FALSE(shown());
  EXPECT_EQ(confirm(), "outdated_proposal");
  database.clock.advance(1us);
  purge();
  EXPECT_FALSE(stored().proposed.has_value());
  propose(test_key);
  EXPECT_TRUE(now(provider_keys.discard(at_page(owner))).has_value());
  EXPECT_FALSE(stored().proposed.has_value());
}

TEST_F(ProviderKeysTest, EndsWithTheConnection) {
  propose(test_key);
  confirm();
  propose(other_test_key);
  EXPECT_TRUE(now(provider_keys.disconnect(at_page(owner))).has_value());
  EXPECT_EQ(stored().status, ConnectionStatus::disabled);
  EXPECT_FALSE(stored().proposed.has_value());
  EXPECT_EQ(events(), "1 1");
  EXPECT_EQ(key_in_use(), test_key) << "what is under way is still asked about";
  EXPECT_EQ(propose(test_key), "decided");
  EXPECT_EQ(stored().status, ConnectionStatus::disabled);
}

// Something is decided while the provider is asked: the answer comes too late.
TEST_F(ProviderKeysTest, ChangesNothingThatWasDecidedMeanwhile) {
  const ConnectionVisitor visitor = at_page(owner);
  propose(test_key);
  provider.during_profile = [&] { confirm(); };
  EXPECT_EQ(propose(visitor, strange_key), "decided");
  EXPECT_EQ(key_in_use(), test_key);
  EXPECT_FALSE(stored().proposed.has_value());
}

// Who it was, whom the money goes to, and never the key.
TEST_F(ProviderKeysTest, IsInTheAuditLog) {
  const auto noted = [&] {
    const auto rows = database.ask("SELECT actor, action, detail FROM audit_events ORDER BY id");
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].text(0), "user " + owner.text());
      text += (i == 0 ? "" : "; ") + std::string(rows[i].text(1)) + " " + std::string(rows[i].text(2));
    }
    return text;
  };
  propose(test_key);
  EXPECT_EQ(noted(), "") << "nothing has come of it yet";
  confirm();
  const std::string confirmed = "connection_key_confirmed test pfl_shop, by an API key";
  EXPECT_EQ(noted(), confirmed);
  database.clock.advance(std::chrono::seconds(1));
  for (int times = 0; times < 2; ++times) EXPECT_TRUE(now(provider_keys.disconnect(at_page(owner))));
  EXPECT_EQ(noted(), confirmed + "; connection_disabled ") << "what has ended does not end again";
}

}  // namespace
}  // namespace paylink::app
