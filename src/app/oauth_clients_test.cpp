#include "app/oauth_clients.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;
using Texts = std::vector<std::string>;

class OauthClientsTest : public ::testing::Test {
 protected:
  static CreateClient command(Texts redirect_uris = {"https://shop.example/cb"}) {
    return {.name = "Shop plugin",
            .redirect_uris = std::move(redirect_uris),
            .scopes = {"payment_link.read", "offline_access"},
            .created_by = "uid 0"};
  }
  static CreateClient public_command(Texts redirect_uris) {
    CreateClient wanted = command(std::move(redirect_uris));
    wanted.type = store::ClientType::public_client;
    return wanted;
  }
  Result<CreatedClient> create(const CreateClient& wanted) {
    return database.write([&](sql::Transaction& tx) { return create_client(wanted, shop.keys, tx); });
  }
  std::string made() {
    const auto created = create(command());
    ENSURE(created.has_value());
    return created->client.id.text();
  }
  Result<RotatedClient> rotate(const std::string& id, std::chrono::seconds overlap) {
    return database.write([&](sql::Transaction& tx) { return rotate_client(id, overlap, "uid 0", shop.keys, tx); });
  }
  Result<store::OauthClient> update(const UpdateClient& wanted) {
    return database.write([&](sql::Transaction& tx) { return update_client(wanted, tx); });
  }
  std::string changes() {
    std::string text;
    const auto rows =
        database.ask("SELECT actor, detail FROM audit_events WHERE action = 'client_updated' ORDER BY actor");
    for (std::size_t i = 0; i < rows.size(); ++i)
      text += std::string(rows[i].text(0)) + ": " + std::string(rows[i].text(1)) + "\n";
    return text;
  }
  std::string erase(const std::string& id) {
    const auto erased = database.write([&](sql::Transaction& tx) { return delete_client(id, "uid 0", tx); });
    return erased ? "deleted" : erased.error().reason;
  }
  std::vector<ListedClient> list() {
    auto listed = database.write([](sql::Transaction& tx) { return list_clients(tx); });
    ENSURE(listed.has_value());
    return *std::move(listed);
  }
  // The ends of its secrets, newest first.
  std::string secrets() {
    std::string ends;
    const auto listed = list();
    for (const auto& secret : listed.front().secrets) ends += (ends.empty() ? "" : " ") + secret.end;
    return ends;
  }
  static std::string end_of(const Secret& secret) { return secret.reveal().substr(secret.reveal().size() - 4); }

  Database database;
  testing::TestInstallation shop{database};
};

TEST_F(OauthClientsTest, AreListedWithTheEndsOfTheirSecretsOnly) {
  const auto created = create(command());
  ASSERT_TRUE(created && created->secret);
  EXPECT_EQ(created->secret->reveal().substr(0, 4), "pls_");
  database.clock.advance(1s);
  ASSERT_TRUE(create(public_command({"com.example.app:/cb", "http://127.0.0.1/cb", "com.example.app:/cb"})));
  const auto listed = list();
  ASSERT_EQ(listed.size(), 2U);
  const auto& app = listed[0].client;
  EXPECT_EQ(app.redirect_uris, (Texts{"com.example.app:/cb", "http://127.0.0.1/cb"}));
  EXPECT_EQ(app.type, store::ClientType::public_client);
  EXPECT_TRUE(listed[0].secrets.empty());
  const auto& plugin = listed[1].client;
  EXPECT_EQ(plugin.id, created->client.id);
  EXPECT_EQ(plugin.name, "Shop plugin");
  EXPECT_EQ(plugin.scopes.text(), "offline_access payment_link.read");
  EXPECT_EQ(plugin.created_by, "uid 0");
  ASSERT_EQ(listed[1].secrets.size(), 1U);
  EXPECT_EQ(listed[1].secrets[0].end, end_of(*created->secret));
  EXPECT_EQ(listed[1].secrets[0].hash, shop.keys.hash_token(created->secret->reveal()));
  EXPECT_FALSE(listed[1].secrets[0].expires_at);
}

TEST_F(OauthClientsTest, AreRefusedForTheirReason) {
  const auto with_scopes = [](Texts scopes) {
    CreateClient wanted = command();
    wanted.scopes = std::move(scopes);
    return wanted;
  };
  Texts twenty;
  for (int i = 1; i <= 20; ++i) twenty.push_back("https://shop.example/" + std::to_string(i));
  Texts more = twenty;
  more.emplace_back("https://shop.example/21");
  EXPECT_TRUE(create(command(twenty)));
  struct Case {
    const char* name;
    CreateClient command;
    const char* reason;
    const char* says;
  };
  const Case cases[] = {
      {"no URI", command({}), "no_redirect_uri", "at least one redirect URI"},
      {"21 URIs", command(more), "too_many_redirect_uris", "at most 20"},
      {"http", command({"https://shop.example/", "http://shop.example/"}), "bad_redirect_uri",
       "`http://shop.example/`: With http"},
      {"script", public_command({"javascript:alert(1)"}), "bad_redirect_uri", "`javascript:alert(1)`: "},
      {"too long", command({"https://shop.example/" + std::string(2'000, 'a')}), "bad_redirect_uri",
       "A redirect URI has at most 2000 bytes."},
      {"an app's", command({"com.example.app:/cb"}), "bad_redirect_uri", "for public applications alone (--public)"},
      {"no scope", with_scopes({}), "no_scope", "at least one scope"},
      {"unknown scope", with_scopes({"webhook", "all"}), "unknown_scope",
       "There is no scope `all`. The scopes are att"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto created = create(c.command);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().reason, c.reason);
    EXPECT_NE(created.error().message.find(c.says), std::string::npos) << created.error().message;
  }
  EXPECT_EQ(list().size(), 1U);
}

TEST_F(OauthClientsTest, ChangeTheirNameAndWherePeopleReturnTo) {
  const std::string id = made();
  made();  // another, which stays as it is
  const Texts uris{"https://shop.example/new", "https://shop.example/cb"};
  const auto renamed = update({.id = id, .name = "Shop", .redirect_uris = {}, .by = "uid 1"});
  ASSERT_TRUE(renamed);
  EXPECT_EQ(renamed->redirect_uris, Texts{"https://shop.example/cb"});
  ASSERT_TRUE(update({.id = id, .name = {}, .redirect_uris = uris, .by = "uid 2"}));
  ASSERT_TRUE(update({.id = id, .name = "Shop", .redirect_uris = Texts{uris[1], uris[0], uris[0]}, .by = "uid 3"}));
  ASSERT_TRUE(update({.id = id, .name = "Till", .redirect_uris = Texts{uris[0]}, .by = "uid 4"}));
  EXPECT_EQ(changes(),
            "uid 1: name Shop\n"
            "uid 2: redirect_uris https://shop.example/new https://shop.example/cb\n"
            "uid 4: name Till, redirect_uris https://shop.example/new\n");
  for (const auto& listed : list()) {
    const auto& client = listed.client;
    const bool is_changed = client.id.text() == id;
    EXPECT_EQ(client.name, is_changed ? "Till" : "Shop plugin");
    EXPECT_EQ(client.redirect_uris, is_changed ? Texts{uris[0]} : Texts{uris[1]});
    EXPECT_EQ(client.scopes.text(), "offline_access payment_link.read");
    EXPECT_EQ(client.created_by, "uid 0");
    EXPECT_EQ(listed.secrets.size(), 1U);
  }
}

TEST_F(OauthClientsTest, StayAsTheyAreWhenAChangeIsRefused) {
  const std::string id = made();
  struct Case {
    std::string id;
    Texts redirect_uris;
    const char* reason;
  };
  const Case cases[] = {
      {id, {}, "no_redirect_uri"},
      {id, {"https://shop.example/", "http://shop.example/"}, "bad_redirect_uri"},
      {id, {"com.example.app:/cb"}, "bad_redirect_uri"},
      {"0197a000-0000-7000-8000-000000000000", {"https://shop.example/"}, "no_client"},
      {"x", {"https://shop.example/"}, "no_client"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.reason);
    const auto updated = update({.id = c.id, .name = "Shop", .redirect_uris = c.redirect_uris, .by = "uid 1"});
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().reason, c.reason);
  }
  EXPECT_EQ(list()[0].client.name, "Shop plugin");
  EXPECT_EQ(changes(), "");
  const auto app = create(public_command({"http://127.0.0.1/cb"}));
  EXPECT_TRUE(
      update({.id = app->client.id.text(), .name = {}, .redirect_uris = Texts{"com.example.app:/cb"}, .by = "uid 1"}));
  EXPECT_EQ(erase(id), "deleted");
  EXPECT_EQ(update({.id = id, .name = "Shop", .redirect_uris = {}, .by = "uid 1"}).error().reason, "no_client");
}

TEST_F(OauthClientsTest, HaveTwoSecretsWhileOneTakesTheOthersPlace) {
  const auto created = create(command());
  const std::string id = created->client.id.text(), first = end_of(*created->secret);
  database.clock.advance(1s);
  const auto second = rotate(id, 24h);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->old_until, database.clock.now() + 24h);
  const std::string both = end_of(second->secret) + " " + first;
  EXPECT_EQ(secrets(), both);
  const auto third = rotate(id, 1h);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().reason, "two_secrets");
  EXPECT_NE(third.error().message.find(to_rfc3339(database.clock.now() + 24h)), std::string::npos);
  database.clock.advance(24h - 1us);
  EXPECT_EQ(secrets(), both);
  database.clock.advance(1us);
  EXPECT_EQ(secrets(), end_of(second->secret));
  const auto fourth = rotate(id, 1h);
  ASSERT_TRUE(fourth);
  EXPECT_EQ(secrets(), end_of(fourth->secret) + " " + end_of(second->secret));
  // Both at once, whatever was promised to them.
  database.clock.advance(1s);
  const auto fifth = rotate(id, 0s);
  ASSERT_TRUE(fifth);
  EXPECT_FALSE(fifth->old_until);
  EXPECT_EQ(secrets(), end_of(fifth->secret));
  database.clock.advance(-48h);
  EXPECT_EQ(secrets(), end_of(fifth->secret)) << "whatever the clock says";
}

TEST_F(OauthClientsTest, WithoutASecretAreNotRotated) {
  const auto app = create(public_command({"com.example.app:/cb"}));
  ASSERT_TRUE(app);
  EXPECT_EQ(rotate(app->client.id.text(), 1h).error().reason, "public_client");
  for (const char* id : {"", "x", "0197a000-0000-7000-8000-000000000000"}) {
    EXPECT_EQ(rotate(id, 1h).error().reason, "no_client");
    EXPECT_EQ(erase(id), "no_client");
  }
}

TEST_F(OauthClientsTest, TakeAllThatWasIssuedToThemAlong) {
  const auto id = *store::OauthClientId::parse(made()), other = *store::OauthClientId::parse(made());
  const auto issue = [&](store::OauthClientId client) {
    return testing::issue_bearer(shop.delegation_to(client), "payment_link.read", shop.keys, database);
  };
  const std::string first = issue(id), second = issue(id), kept = issue(other);
  const auto lets_in = [&](const std::string& bearer) {
    return testing::caller_of(bearer, shop.keys, database).has_value();
  };
  EXPECT_TRUE(lets_in(first) && lets_in(second) && lets_in(kept));
  EXPECT_EQ(erase(id.text()), "deleted");
  EXPECT_FALSE(lets_in(first) || lets_in(second));
  EXPECT_TRUE(lets_in(kept));
  EXPECT_EQ(list().size(), 1U);
  EXPECT_EQ(erase(id.text()), "no_client");
  EXPECT_EQ(rotate(id.text(), 0s).error().reason, "no_client");
}

}  // namespace
}  // namespace paylink::app
