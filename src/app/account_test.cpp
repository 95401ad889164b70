#include "app/account.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;

// Somebody in two organizations, with an application in each; and somebody else in one of them, with the same
// application.
class AccountTest : public ::testing::Test {
 protected:
  template <class Step>
  auto step(Step run) {
    auto result = database.write(run);
    ENSURE(result.has_value());
    if constexpr (!std::is_same_v<decltype(result), Result<>>) return *std::move(result);
  }
  AccountTest() {
    step([&](sql::Transaction& tx) -> Result<> {
      store::Members members(tx);
      TRY(members.insert_user({ada, "ada@example.com", "hash"}));
      TRY(members.insert_user({bob, "bob@example.com", "hash"}));
      TRY(members.insert({here, ada_here, ada, Role::manager}));
      TRY(members.insert({there, ada_there, ada, Role::reporter}));
      TRY(members.insert({here, bob_here, bob, Role::admin}));
      TRY(store::OauthClients(tx).insert(
          {client, "Bookkeeping", store::ClientType::confidential, *Scopes::parse("webhook"), {}, "us"}));
      for (const auto& delegation : {of_ada_here, of_ada_there, of_bob_here}) TRY(let_act(delegation, tx));
      return {};
    });
  }

  Result<> let_act(const store::Delegation& delegation, sql::Transaction& tx) {
    store::OauthGrants grants(tx);
    const auto scopes = *Scopes::parse("payment_link.read webhook");
    TRY(grants.put_consent(delegation, scopes));
    TRY(grants.insert_grant({store::GrantId::create(tx.now(), tx.random()), delegation, scopes, {}}));
    return grants.insert_code(
        {store::GrantId::create(tx.now(), tx.random()), delegation, scopes, "https://a.example/", {}, tx.now() + 1min},
        "code of " + delegation.membership.text());
  }
  AccountView view(UserId user) {
    return step([&](sql::Transaction& tx) { return view_account({user, "", {}}, tx); });
  }
  Result<> revoke(UserId user, OrganizationId organization, store::OauthClientId of) {
    const RevokeApplication command{user, organization, of};
    return database.write(organization, [&](sql::Transaction& tx) { return revoke_application(command, tx); });
  }
  // Of each kind: consents, grants that are good, codes that are.
  std::vector<std::int64_t> good() {
    const std::int64_t codes = step([&](sql::Transaction& tx) -> Result<std::int64_t> {
      std::int64_t count = 0;
      for (const auto& delegation : {of_ada_here, of_ada_there, of_bob_here}) {
        const auto code =
            TRY(store::OauthGrants(tx).lock_code(delegation.organization, "code of " + delegation.membership.text()));
        if (!code->is_used && code->expires_at > tx.now()) ++count;
      }
      return count;
    });
    return {database.number("SELECT COUNT(*) FROM oauth_consents"),
            database.number("SELECT COUNT(*) FROM oauth_grants WHERE revoked_at IS NULL"), codes};
  }

  store::testing::Database database;
  const OrganizationId here = store::testing::add_organization(database, "here").id,
                       there = store::testing::add_organization(database, "there").id;
  const UserId ada{Uuid::v4(database.random)}, bob{Uuid::v4(database.random)};
  const MembershipId ada_here{Uuid::v4(database.random)}, ada_there{Uuid::v4(database.random)},
      bob_here{Uuid::v4(database.random)};
  const store::OauthClientId client{Uuid::v4(database.random)};
  const store::Delegation of_ada_here{here, ada_here, client}, of_ada_there{there, ada_there, client},
      of_bob_here{here, bob_here, client};
};

TEST_F(AccountTest, ShowsWhatIsOnesOwn) {
  const AccountView seen = view(ada);
  ASSERT_EQ(seen.organizations.size(), 2U);
  for (const auto& organization : seen.organizations) {
    const bool is_here = organization.membership.organization.id == here;
    EXPECT_EQ(organization.membership.role, is_here ? Role::manager : Role::reporter);
    ASSERT_EQ(organization.applications.size(), 1U);
    EXPECT_EQ(organization.applications[0].client_name, "Bookkeeping");
    EXPECT_EQ(organization.applications[0].scopes.text(), "payment_link.read webhook");
  }
  step([&](sql::Transaction& tx) { return store::Members(tx).end(there, ada_there); });
  EXPECT_EQ(view(ada).organizations.size(), 1U);
  EXPECT_EQ(view(UserId()).organizations.size(), 0U);
}

TEST_F(AccountTest, RevokesWhatOneApplicationMayDoForOnePersonInOneOrganization) {
  using Counts = std::vector<std::int64_t>;
  EXPECT_EQ(good(), (Counts{3, 3, 3}));
  EXPECT_TRUE(revoke(bob, there, client)) << "where he is not";
  EXPECT_TRUE(revoke(ada, here, store::OauthClientId(Uuid::v4(database.random)))) << "an application that is not there";
  EXPECT_TRUE(revoke(UserId(), here, client)) << "nobody";
  EXPECT_EQ(good(), (Counts{3, 3, 3}));
  EXPECT_TRUE(revoke(ada, here, client));
  EXPECT_EQ(good(), (Counts{2, 2, 2}));
  EXPECT_EQ(view(bob).organizations[0].applications.size(), 1U);
  for (const auto& organization : view(ada).organizations)
    EXPECT_EQ(organization.applications.size(), organization.membership.organization.id == here ? 0U : 1U);
  EXPECT_TRUE(revoke(ada, here, client)) << "again";
  EXPECT_EQ(good(), (Counts{2, 2, 2}));
}

}  // namespace
}  // namespace paylink::app
