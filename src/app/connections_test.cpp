#include "app/connections.hpp"

#include <gtest/gtest.h>

#include "crypto/encoding.hpp"
#include "store/connections.hpp"
#include "store/oauth_clients.hpp"
#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;

// Two organizations with a bank account each, and a connection of the first.
class ConnectionsTest : public testing::Test {
 protected:
  ConnectionsTest() : connection(*begin(shop, account)) {}

  BankAccountId add_account(const Organization& organization) {
    const auto id = BankAccountId::create(database.clock.now(), database.random);
    ENSURE(database
               .write([&](sql::Transaction& tx) {
                 return store::Organizations(tx).insert_bank_account(
                     {organization.id, id, "Account", "FR76", "BIC", "EUR"});
               })
               .has_value());
    return id;
  }
  Result<Connection> begin(const Organization& organization, BankAccountId bank_account) {
    const Caller caller{organization.id, {}, {}};
    return database.write([&](sql::Transaction& tx) {
      return begin_connection({"https://shop.example.com/", bank_account, "+31612345678", {}, {}}, caller, tx);
    });
  }
  std::string word(const Connection& of) {
    return make_connection_word(of, ConnectionUse::decide, keys, database.clock.now());
  }
  std::optional<ConnectionWord> read(const std::string& word) {
    return read_connection_word(word, keys, database.clock.now());
  }
  // The word with what is last before the signature changed, and signed again.
  std::string altered(const std::string& word, std::string_view revision, char use) {
    std::string head = crypto::from_base64url(word)->substr(0, 45);
    head.replace(40, 4, revision);
    head[44] = use;
    return crypto::to_base64url(head + keys.sign_form("connection|" + head));
  }
  // What the page that is reached by the word shows.
  std::string view(const std::string& word) {
    const auto read = this->read(word);
    if (!read) return "no word";
    const auto view = database.write([&](sql::Transaction& tx) { return view_connection(*read, tx); });
    return view ? view->organization.slug : view.error().reason + ": " + view.error().message;
  }

  store::testing::Database database;
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  Organization shop = store::testing::add_organization(database, "shop");
  Organization other = store::testing::add_organization(database, "other");
  BankAccountId account = add_account(shop), account_of_other = add_account(other);
  Connection connection;
};

TEST_F(ConnectionsTest, WordsSayWhatTheyWereMadeOf) {
  const auto read = this->read(word(connection));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->organization, shop.id);
  EXPECT_EQ(read->connection, connection.id);
  EXPECT_EQ(read->revision, connection.revision);
  EXPECT_EQ(read->use, ConnectionUse::decide);
}

TEST_F(ConnectionsTest, WordsLastHalfAnHour) {
  const std::string made = word(connection);
  database.clock.advance(30min - 1us);
  EXPECT_TRUE(read(made).has_value());
  database.clock.advance(1us);
  EXPECT_FALSE(read(made).has_value());
}

// However well they are signed, say by a newer version: they hold what there is here, or nothing.
TEST_F(ConnectionsTest, WordsHoldWhatThereIs) {
  using namespace std::string_view_literals;
  const std::string made = word(connection);
  EXPECT_EQ(read(altered(made, "\0\0\0\0"sv, 0))->revision, 0);
  EXPECT_EQ(read(altered(made, "\x01\x02\xFF\x80"sv, 1))->revision, 0x0102FF80);
  EXPECT_EQ(read(altered(made, "\xFF\xFF\xFF\xFF"sv, 1))->use, ConnectionUse::decide);
  EXPECT_FALSE(read(altered(made, "\0\0\0\0"sv, 2)).has_value());
  EXPECT_FALSE(read(altered(made, "\0\0\0\0"sv, '\xFF')).has_value());
}

// After the first decision the page is only looked at.
TEST_F(ConnectionsTest, WordsDecideOnce) {
  const auto decides = [&](const std::string& word) {
    return database.write([&](sql::Transaction& tx) { return view_connection(*read(word), tx); })->can_decide;
  };
  const std::string first = word(connection);
  EXPECT_TRUE(decides(first));
  const auto enabled = database.write([&](sql::Transaction& tx) {
    return enable_connection(shop.id, connection.id, {Secret("test_1"), "test"}, keys, tx);
  });
  EXPECT_FALSE(decides(first));
  EXPECT_TRUE(decides(word(*enabled)));
  const auto disabled =
      database.write([&](sql::Transaction& tx) { return disable_connection(shop.id, connection.id, tx); });
  EXPECT_FALSE(decides(word(*enabled)));
  EXPECT_TRUE(decides(word(*disabled)));
}

// The signature says that the word is ours, not that its parts belong together.
TEST_F(ConnectionsTest, WordsLeadToConnectionsOfTheirOrganization) {
  Connection foreign = connection, unknown = connection;
  foreign.organization = other.id;
  unknown.organization = foreign.organization;
  unknown.id = ConnectionId::create(database.clock.now(), database.random);
  EXPECT_EQ(view(word(connection)), "shop");
  EXPECT_TRUE(view(word(foreign)).starts_with("not_found:")) << view(word(foreign));
  EXPECT_EQ(view(word(foreign)), view(word(unknown)));
}

TEST_F(ConnectionsTest, OfApplicationsReturnToTheirHostsAlone) {
  const auto client = store::OauthClientId::create(database.clock.now(), database.random);
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) {
    return store::OauthClients(tx).insert({client,
                                           "App",
                                           store::ClientType::confidential,
                                           *Scopes::parse("payment_link.write"),
                                           {"https://app.example:8443/callback", "http://127.0.0.1:8765/callback",
                                            "com.example.app://settings.example/callback"},
                                           "test"});
  }));
  const auto by_application = [&](const std::string& url, store::OauthClientId id) {
    const Caller caller{other.id, {}, {}, store::Delegation{other.id, MembershipId(other.id.uuid()), id}};
    const auto begun = database.write(other.id, [&](sql::Transaction& tx) {
      return begin_connection({url, account_of_other, "+31612345678", {}, {}}, caller, tx);
    });
    return begun ? "begun" : begun.error().reason + " " + begun.error().faults.front().where;
  };
  const std::string refused = "invalid /partner_callback_url";
  for (const std::string url :
       {"https://evil.example/", "https://app.example.evil.example/", "https://evil.example/#https://app.example/",
        "https://evil.example?app.example", "https://settings.example/", "https://[::1]/"})
    EXPECT_EQ(by_application(url, client), refused) << url;
  const auto deleted = store::OauthClientId::create(database.clock.now(), database.random);
  EXPECT_EQ(by_application("https://app.example/", deleted), refused);
  EXPECT_EQ(by_application("https://APP.example/settings", client), "begun");
}

// Its id is less than that of one that has ended since.
TEST_F(ConnectionsTest, TheOneThatLivesIsTheLatestEvenWhenTheClockWasSetBack) {
  const auto latest = [&] {
    const auto found = database.write([&](sql::Transaction& tx) { return store::Connections(tx).latest(other.id); });
    return (*found)->id;
  };
  database.clock.advance(72h);
  const auto first = begin(other, account_of_other);
  ASSERT_TRUE(first);
  EXPECT_EQ(latest(), first->id);
  ASSERT_TRUE(database.execute_script("UPDATE connections SET status = 'disabled'"));
  EXPECT_EQ(latest(), first->id);
  database.clock.advance(-72h);
  const auto second = begin(other, account_of_other);
  ASSERT_TRUE(second);
  EXPECT_EQ(latest(), second->id);
}

TEST_F(ConnectionsTest, NameABankAccountOfTheirOwn) {
  const auto foreign = begin(shop, account_of_other);
  const auto unknown = begin(shop, BankAccountId::create(database.clock.now(), database.random));
  const auto foreign_to_other = begin(other, account);
  ASSERT_FALSE(foreign.has_value() || unknown.has_value() || foreign_to_other.has_value());
  EXPECT_EQ(foreign.error().reason, "invalid");
  EXPECT_EQ(foreign.error().message, unknown.error().message);
  EXPECT_EQ(foreign.error().faults.front().where, "/user_bank_account_id");
  EXPECT_EQ(foreign_to_other.error().message, unknown.error().message);
  EXPECT_EQ(begin(shop, account).error().reason, "multiple_connections_not_allowed");
  EXPECT_TRUE(begin(other, account_of_other).has_value());
}

}  // namespace
}  // namespace paylink::app
