#include "app/api_keys.hpp"

#include <gtest/gtest.h>

#include "app/authenticate.hpp"
#include "app/last_uses.hpp"
#include "app/retention.hpp"
#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

class ApiKeysTest : public ::testing::Test {
 protected:
  Result<CreatedApiKey> create(const CreateApiKey& command) {
    return database.write([&](sql::Transaction& tx) { return create_api_key(command, shop.keys, tx); });
  }
  CreateApiKey command(std::vector<std::string> scopes = {"payment_link.read"}) {
    CreateApiKey result;
    result.organization = "shop";
    result.name = "till";
    result.scopes = std::move(scopes);
    result.created_by = "test";
    return result;
  }
  std::vector<store::ApiKey> list(std::string_view organization = "shop") {
    auto keys = database.write([&](sql::Transaction& tx) { return list_api_keys(organization, tx); });
    ENSURE(keys.has_value());
    return *keys;
  }
  std::string revoke(std::string_view organization, const std::string& key) {
    auto revoked = database.write([&](sql::Transaction& tx) { return revoke_api_key(organization, key, "uid 0", tx); });
    return revoked ? "revoked" : revoked.error().reason;
  }
  bool lets_in(const CreatedApiKey& key) {
    const auto presented = read_authorization(key.login + ":" + std::string(key.secret.reveal()), 1, shop.keys);
    ENSURE(presented.has_value());
    return database.write(presented->organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); })
        .has_value();
  }

  Database database;
  testing::TestInstallation shop{database};
  Organization other = store::testing::add_organization(database, "other");
};

TEST_F(ApiKeysTest, OfAnotherOrganizationAreNeitherListedNorRevoked) {
  const auto key = create(command());
  ASSERT_TRUE(key);
  EXPECT_EQ(list().size(), 2U);
  EXPECT_TRUE(list("other").empty());
  EXPECT_EQ(revoke("other", key->id.text()), "no_api_key");
  EXPECT_EQ(revoke("", key->id.text()), "no_organization");
  EXPECT_TRUE(lets_in(*key));
  EXPECT_EQ(revoke("shop", key->id.text()), "revoked");
  EXPECT_FALSE(lets_in(*key));
  EXPECT_EQ(list().size(), 1U);
}

TEST_F(ApiKeysTest, ExpireToTheMicrosecond) {
  auto wanted = command();
  wanted.expires_in = 1h;
  const auto key = create(wanted);
  ASSERT_TRUE(key);
  database.clock.advance(1h - 1us);
  EXPECT_TRUE(lets_in(*key));
  database.clock.advance(1us);
  EXPECT_FALSE(lets_in(*key));
  wanted.expires_in = 0s;
  EXPECT_EQ(create(wanted).error().reason, "bad_expiry");
}

TEST_F(ApiKeysTest, AreAHundredAtMost) {
  auto passing = command();
  passing.expires_in = 1h;
  for (int i = 1; i < live_api_keys_max; ++i) ASSERT_TRUE(create(passing)) << i;
  EXPECT_EQ(create(command()).error().reason, "too_many_api_keys");
  EXPECT_EQ(revoke("shop", list().front().id.text()), "revoked");
  EXPECT_TRUE(create(command()));
  EXPECT_FALSE(create(command()));
  database.clock.advance(1h);
  EXPECT_TRUE(create(command()));  // the expired ones do not count
}

// Programs that make a key for every run leave expired ones behind without end.
TEST_F(ApiKeysTest, AreFoundBehindAnyNumberOfExpiredOnes) {
  const auto old = create(command()), older = create(command());
  ASSERT_TRUE(old && older);
  auto passing = command();
  passing.expires_in = 1min;
  for (int i = 0; i < 1010; ++i) {
    ASSERT_TRUE(create(passing)) << i;
    database.clock.advance(1min);
  }
  const auto listed = list();
  EXPECT_EQ(listed.size(), 1000U);
  EXPECT_EQ(std::ranges::count_if(listed, [&](const auto& key) { return key.id == old->id || key.id == older->id; }),
            2);
  EXPECT_EQ(revoke("other", old->id.text()), "no_api_key");
  EXPECT_EQ(revoke("shop", old->id.text()), "revoked");
  EXPECT_FALSE(lets_in(*old));
  const std::string_view secret = older->secret.reveal();
  EXPECT_EQ(revoke("shop", std::string(secret.substr(secret.size() - 4))), "revoked");
  EXPECT_FALSE(lets_in(*older));
  EXPECT_EQ(revoke("shop", older->id.text()), "no_api_key");
}

TEST_F(ApiKeysTest, HaveKnownScopesOnce) {
  EXPECT_EQ(create(command({})).error().reason, "no_scope");
  const auto refused = create(command({"payment_link.read", "everything"}));
  EXPECT_EQ(refused.error().message,
            "There is no scope `everything`. The scopes are payment_link.read, payment_link.write, "
            "payment_link.create, organization.read, membership.read, webhook.");
  EXPECT_EQ(create(command({"webhook", "webhook", "payment_link.read"}))->scopes, "webhook payment_link.read");
}

TEST_F(ApiKeysTest, RememberTheirNewestUse) {
  database.clock.advance(1s);  // the newest is listed first
  const auto key = create(command());
  ASSERT_TRUE(key);
  const Time later = database.clock.now() + 1min;
  LastUses uses;
  const auto note = [&](Time at) { uses.note({shop.installation.organization.id, key->id, at}); };
  const auto flush = [&] {
    const auto taken = uses.take(10);
    EXPECT_TRUE(database.write([&](sql::Transaction& tx) { return store_uses(taken, tx); }));
  };
  EXPECT_FALSE(list().front().last_used_at);
  note(later);
  note(later - 1s);
  flush();
  EXPECT_EQ(list().front().last_used_at, later);
  note(later - 2s);
  flush();
  EXPECT_EQ(list().front().last_used_at, later);
  EXPECT_TRUE(uses.take(10).empty());
}

TEST_F(ApiKeysTest, UsesTakeBoundedMemory) {
  LastUses uses;
  for (std::size_t i = 0; i <= LastUses::size_max; ++i)
    uses.note({other.id, ApiKeyId(Uuid::v4(database.random)), database.clock.now()});
  EXPECT_EQ(uses.take(LastUses::size_max + 10).size(), LastUses::size_max);
}

TEST_F(ApiKeysTest, AreDeletedThreeMonthsAfterTheyEnded) {
  auto brief = command();
  brief.expires_in = 1h;
  ASSERT_TRUE(create(brief));
  const auto revoked = create(command()), kept = create(command());
  ASSERT_TRUE(revoked && kept);
  EXPECT_EQ(revoke("shop", revoked->id.text()), "revoked");
  const auto purge = [](sql::Transaction& tx) { return purge_old_rows(10, tx); };
  database.clock.advance(std::chrono::days(90));
  EXPECT_EQ(*database.write(purge), 0);
  database.clock.advance(1s);
  EXPECT_EQ(*database.write(purge), 1);
  database.clock.advance(1h);
  EXPECT_EQ(*database.write(purge), 1);
  EXPECT_EQ(list().size(), 2U);
  EXPECT_TRUE(lets_in(*kept));
}

}  // namespace
}  // namespace paylink::app
