#include "app/authenticate.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

// Two organizations' worth of credentials, and whoever tries to get in with them.
class AuthenticateTest : public ::testing::Test {
 protected:
  AuthenticateTest() {
    ENSURE(database.write(
        [&](sql::Transaction& tx) { return install_sandbox_access(shop.installation, access, shop.keys, tx); }));
  }

  std::string enter(std::optional<std::string> field) {
    const auto presented = read_authorization(field, field ? 1 : 0, shop.keys);
    if (!presented) return presented.error().reason;
    const auto identity =
        database.write(presented->organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); });
    if (!identity) return identity.error().reason;
    const auto caller = confirm(*identity, database.clock.now());
    if (!caller) return caller.error().reason;
    EXPECT_EQ(caller->organization, shop.installation.organization.id);
    return "in";
  }

  std::string said_to(const std::string& field) {
    const auto presented = read_authorization(field, 1, shop.keys);
    if (!presented) return presented.error().message;
    const auto identity =
        database.write(presented->organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); });
    return identity ? "in" : identity.error().message;
  }

  Database database;
  testing::TestInstallation shop{database};
  const Secret token = crypto::make_token(shop.id, database.random);
  const SandboxAccess access{shop.id,
                             "application",
                             crypto::make_token(shop.id, database.random),
                             {"http://127.0.0.1/callback"},
                             AccessTokenId(Uuid::v4(database.random)),
                             token,
                             AccessTokenId(Uuid::v4(database.random)),
                             crypto::make_token(shop.id, database.random),
                             ConnectionId(shop.id),
                             std::nullopt};
};

TEST_F(AuthenticateTest, LetsInWhoHasTheSecret) {
  const std::string key(shop.secret.reveal()), bearer(token.reveal());
  std::string mistyped = key;
  mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
  const std::string unknown(crypto::make_token(shop.id, database.random).reveal());
  const std::string foreign(crypto::make_token(Uuid::v4(database.random), database.random).reveal());
  struct Case {
    std::string name;
    std::optional<std::string> field;
    std::string outcome;
  };
  const Case cases[] = {
      {"the API key", "shop:" + key, "in"},
      {"the token", "Bearer " + bearer, "in"},
      {"a scheme in another case", "bEARER  " + bearer, "in"},
      {"no field", {}, "authorization_header_missing"},
      {"an empty field", "", "unauthorized"},
      {"another login", "shop2:" + key, "unauthorized"},
      {"no login", ":" + key, "unauthorized"},
      {"a mistyped key", "shop:" + mistyped, "unauthorized"},
      {"a key never issued", "shop:" + unknown, "unauthorized"},
      {"a key of nobody's organization", "shop:" + foreign, "unauthorized"},
      {"a token never issued", "Bearer " + unknown, "authorization_token_invalid"},
      {"no token at all", "Bearer ", "authorization_token_invalid"},
      {"nonsense for a token", "Bearer nonsense", "authorization_token_invalid"},
      {"a key as a token", "Bearer " + key, "authorization_token_invalid"},
      {"a token as a key", "shop:" + bearer, "unauthorized"},
      {"the refresh token as an access token", "Bearer " + std::string(access.refresh_token.reveal()),
       "authorization_token_invalid"},
      {"another scheme", "Basic c2hvcDprZXk=", "unauthorized"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(enter(c.field), c.outcome);
  }
  EXPECT_EQ(read_authorization(std::nullopt, 2, shop.keys).error().reason, "unauthorized");  // sent twice
  // Whoever has a key is told how it is sent; nobody else is told more.
  const std::string advice = "authorization token invalid: an API key goes without Bearer, as login:secret_key";
  EXPECT_EQ(said_to("Bearer " + key), advice);
  EXPECT_EQ(said_to("Bearer shop:" + key), advice);
  EXPECT_EQ(said_to("Bearer " + unknown), "authorization token invalid");
  EXPECT_EQ(said_to("Bearer " + foreign), "authorization token invalid");
}

TEST_F(AuthenticateTest, KeepsOutWhatHasExpiredEvenWhileItIsRemembered) {
  const auto presented = read_authorization(shop.api_key(), 1, shop.keys);
  ASSERT_TRUE(presented.has_value());
  auto identity =
      database.write(presented->organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); });
  ASSERT_TRUE(identity.has_value());
  identity->expires_at = database.clock.now() + 1s;
  EXPECT_TRUE(confirm(*identity, database.clock.now()).has_value());
  EXPECT_EQ(confirm(*identity, database.clock.now() + 1s).error().reason, "unauthorized");
}

TEST_F(AuthenticateTest, AsksForEachScopeByName) {
  Caller caller{OrganizationId(shop.id), shop.id, ScopeSet::parse("payment_link.read unknown.scope")};
  EXPECT_TRUE(require_scope(caller, Scope::payment_link_read).has_value());
  const auto refused = require_scope(caller, Scope::payment_link_write);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::forbidden);
  EXPECT_EQ(refused.error().detail, "");
  EXPECT_EQ(refused.error().message, "missing required oauth scope: payment_link.write");
  EXPECT_EQ(refused.error().scope, "payment_link.write");
  EXPECT_EQ(require_scope(caller, Scope::payment_link_create).error().scope, "payment_link.write");
}

TEST_F(AuthenticateTest, InstallsOnce) {
  const auto again = database.write([&](sql::Transaction& tx) { return install(shop.installation, shop.keys, tx); });
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().reason, "already_exists");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM organizations"), 1);
  // Of the secret only its keyed hash is there.
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM api_keys WHERE length(secret_hash) = 32"), 1);
}

}  // namespace
}  // namespace paylink::app
