#include "app/users.hpp"

#include <gtest/gtest.h>

#include "app/organizations.hpp"
#include "app/testing.hpp"
#include "store/sessions.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

class UsersTest : public ::testing::Test {
 protected:
  Result<AddedMember> add(const std::string& email, Role role, const std::string& organization = "shop") {
    database.clock.advance(1s);  // whoever comes later is listed later
    return database.write(
        [&](sql::Transaction& tx) { return add_member({organization, email, role, "hash of " + email, "uid 0"}, tx); });
  }
  template <class Change>
  std::string reason_of(Change change) {
    const auto changed = database.write(std::move(change));
    return changed ? "done" : changed.error().reason;
  }
  std::string set_role(const std::string& email, Role role, const std::string& organization = "shop") {
    return reason_of([&](sql::Transaction& tx) { return set_member_role(organization, email, role, "uid 0", tx); });
  }
  std::string remove(const std::string& email, const std::string& organization = "shop") {
    return reason_of([&](sql::Transaction& tx) { return remove_member(organization, email, "uid 0", tx); });
  }
  std::string reset(const std::string& email, Applications applications = Applications::kept) {
    return reason_of(
        [&](sql::Transaction& tx) { return reset_password({email, "new hash", applications, "uid 0"}, tx); });
  }
  // `ada@example.com owner, bob@example.com manager`.
  std::string members(const std::string& organization = "shop") {
    const auto listed = database.write([&](sql::Transaction& tx) { return list_members(organization, tx); });
    if (!listed) return listed.error().reason;
    std::string text;
    for (const auto& member : *listed)
      text += (text.empty() ? "" : ", ") + member.email + " " + std::string(role_names.name(member.role));
    return text;
  }
  std::string password_hash_of(const std::string& email) {
    const auto user =
        database.write([&](sql::Transaction& tx) { return store::Members(tx).find_user_by_email(email); });
    ENSURE(user && *user);
    return (**user).password_hash;
  }
  store::OauthClientId add_client() {
    const auto id = store::OauthClientId::create(database.clock.now(), database.random);
    ENSURE(database.write([&](sql::Transaction& tx) {
      return store::OauthClients(tx).insert(
          {id, "Shop plugin", store::ClientType::public_client, {}, {"http://127.0.0.1/"}, "uid 0"});
    }));
    return id;
  }
  std::optional<Caller> caller_of(const std::string& bearer) { return testing::caller_of(bearer, shop.keys, database); }

  Database database;
  testing::TestInstallation shop{database};
  Organization other = store::testing::add_organization(database, "other");
};

TEST_F(UsersTest, AreMadeOnceAndBelongToSeveralOrganizations) {
  const auto made = add(" Ada@Example.com", Role::admin);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->person, Person::made);
  EXPECT_EQ(made->member.email, "ada@example.com");
  EXPECT_EQ(made->organization.slug, "shop");
  const auto known = add("ada@example.com", Role::reporter, "other");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->person, Person::known);
  EXPECT_EQ(known->user, made->user);
  EXPECT_NE(known->member.id, made->member.id);
  EXPECT_EQ(password_hash_of("ada@example.com"), "hash of  Ada@Example.com");
  EXPECT_EQ(members(), "owner@example.com owner, ada@example.com admin");
  EXPECT_EQ(members("other"), "ada@example.com reporter");
}

TEST_F(UsersTest, AreRefusedForTheirReason) {
  ASSERT_TRUE(add("ada@example.com", Role::manager));
  struct Case {
    const char* name;
    const char* email;
    const char* organization;
    const char* reason;
  };
  constexpr Case cases[] = {
      {"no address", "ada", "shop", "bad_email"},
      {"nothing", "", "shop", "bad_email"},
      {"no organization", "eve@example.com", "nowhere", "no_organization"},
      {"one of several", "eve@example.com", "", "no_organization"},
      {"a member", "ADA@example.com", "shop", "already_member"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(add(c.email, Role::owner, c.organization).error().reason, c.reason);
  }
  EXPECT_EQ(members(), "owner@example.com owner, ada@example.com manager");
  EXPECT_EQ(members("nowhere"), "no_organization");
}

TEST_F(UsersTest, OfOtherOrganizationsAndNobodyAreNotChanged) {
  ASSERT_TRUE(add("ada@example.com", Role::manager));
  EXPECT_EQ(set_role("ada@example.com", Role::owner, "other"), "no_member");
  EXPECT_EQ(remove("ada@example.com", "other"), "no_member");
  EXPECT_EQ(set_role("eve@example.com", Role::owner), "no_member");
  EXPECT_EQ(remove("eve@example.com"), "no_member");
  EXPECT_EQ(set_role("ada@example.com", Role::owner, "nowhere"), "no_organization");
  EXPECT_EQ(remove("ada@example.com", ""), "no_organization");
  EXPECT_EQ(reset("eve@example.com"), "no_person");
  EXPECT_EQ(members(), "owner@example.com owner, ada@example.com manager");
}

TEST_F(UsersTest, LeaveAnOwner) {
  EXPECT_EQ(set_role("owner@example.com", Role::admin), "last_owner");
  EXPECT_EQ(remove("owner@example.com"), "last_owner");
  EXPECT_EQ(set_role("owner@example.com", Role::owner), "done");
  ASSERT_TRUE(add("ada@example.com", Role::admin));
  EXPECT_EQ(remove("owner@example.com"), "last_owner");
  // Who owns another organization does not count.
  ASSERT_TRUE(add("eve@example.com", Role::owner, "other"));
  EXPECT_EQ(remove("owner@example.com"), "last_owner");
  EXPECT_EQ(set_role("ada@example.com", Role::owner), "done");
  EXPECT_EQ(remove("owner@example.com"), "done");
  EXPECT_EQ(set_role("ada@example.com", Role::reporter), "last_owner");
  EXPECT_EQ(members(), "ada@example.com owner");
}

TEST_F(UsersTest, LetApplicationsDoWhatTheirRoleMay) {
  const auto ada = add("ada@example.com", Role::manager);
  const store::Delegation who{ada->organization.id, ada->member.id, add_client()};
  const std::string bearer = testing::issue_bearer(who, "payment_link.read payment_link.write", shop.keys, database);
  EXPECT_TRUE(caller_of(bearer)->scopes.has(Scope::payment_link_write));
  EXPECT_EQ(set_role("ada@example.com", Role::reporter), "done");
  EXPECT_FALSE(caller_of(bearer)->scopes.has(Scope::payment_link_write));
  EXPECT_TRUE(caller_of(bearer)->scopes.has(Scope::payment_link_read));
  EXPECT_EQ(set_role("ada@example.com", Role::manager), "done");
  EXPECT_TRUE(caller_of(bearer)->scopes.has(Scope::payment_link_write));
}

TEST_F(UsersTest, WhoLeaveTakeAllTheyAllowedAlong) {
  const auto client = add_client();
  const auto ada = add("ada@example.com", Role::manager);
  const auto there = add("ada@example.com", Role::manager, "other");
  const store::Delegation here{ada->organization.id, ada->member.id, client};
  const store::Delegation elsewhere{there->organization.id, there->member.id, client};
  const auto issue = [&](const store::Delegation& who) {
    return testing::issue_bearer(who, "payment_link.read", shop.keys, database);
  };
  const std::string gone = issue(here), kept = issue(elsewhere), owners = issue(shop.delegation_to(client));
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    TRY(store::OauthGrants(tx).put_consent(here, {}));
    return store::OauthGrants(tx).put_consent(elsewhere, {});
  }));
  EXPECT_EQ(remove("ada@example.com"), "done");
  EXPECT_FALSE(caller_of(gone));
  EXPECT_TRUE(caller_of(kept));
  EXPECT_TRUE(caller_of(owners));
  EXPECT_EQ(remove("ada@example.com"), "no_member");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM oauth_grants WHERE revoked_for = 'member_removed'"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM oauth_consents"), 1);
  // Back again, as somebody else, and asked anew.
  const auto again = add("ada@example.com", Role::reporter);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->person, Person::known);
  EXPECT_EQ(again->member.id, ada->member.id);
  EXPECT_FALSE(caller_of(gone));
  EXPECT_EQ(members(), "owner@example.com owner, ada@example.com reporter");
}

TEST_F(UsersTest, WithANewPasswordAreSignedInNowhere) {
  const auto ada = add("ada@example.com", Role::manager);
  const UserId owner = shop.installation.user;
  const Time now = database.clock.now();
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    for (const UserId user : {ada->user, ada->user, owner}) {
      const auto id = store::SessionId::create(now, tx.random());
      TRY(store::Sessions(tx).insert({user, id, now, now, now, now + 1h, "browser"}, id.text()));
    }
    return {};
  }));
  const auto sessions = [&](UserId user) {
    return database.write([&](sql::Transaction& tx) { return store::Sessions(tx).list(user, now, 10); })->size();
  };
  EXPECT_EQ(sessions(ada->user), 2U);
  EXPECT_EQ(reset("Ada@example.com"), "done");
  EXPECT_EQ(password_hash_of("ada@example.com"), "new hash");
  EXPECT_EQ(sessions(ada->user), 0U);
  EXPECT_EQ(sessions(owner), 1U);
}

TEST_F(UsersTest, WithANewPasswordKeepTheirApplicationsUnlessTheyEndToo) {
  const auto client = add_client();
  const auto ada = add("ada@example.com", Role::manager), there = add("ada@example.com", Role::manager, "other");
  std::vector<std::string> bearers;
  for (const auto& added : {ada, there}) {
    const store::Delegation who{added->organization.id, added->member.id, client};
    bearers.push_back(testing::issue_bearer(who, "payment_link.read", shop.keys, database));
    ASSERT_TRUE(database.write([&](sql::Transaction& tx) { return store::OauthGrants(tx).put_consent(who, {}); }));
  }
  const std::string owners =
      testing::issue_bearer(shop.delegation_to(client), "payment_link.read", shop.keys, database);
  EXPECT_EQ(reset("ada@example.com"), "done");
  for (const std::string& bearer : bearers) EXPECT_TRUE(caller_of(bearer));
  EXPECT_EQ(reset("ada@example.com", Applications::revoked), "done");
  for (const std::string& bearer : bearers) EXPECT_FALSE(caller_of(bearer));
  EXPECT_TRUE(caller_of(owners));
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM oauth_consents"), 0);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM oauth_grants WHERE revoked_for = 'password_reset'"), 2);
  EXPECT_EQ(database.number("SELECT COUNT(DISTINCT about_organization) FROM audit_events "
                            "WHERE action = 'application_revoked' AND detail = 'password_reset'"),
            2);
}

const OrganizationWords acme{"acme", "Acme", "fr77 1679 8000 0100 0000 0000 103", "trzofr21xxx", "EUR"};

TEST_F(UsersTest, OwnTheOrganizationsThatAreMadeForThem) {
  const auto create = [&](const OrganizationWords& words, const std::string& email) {
    return database.write(
        [&](sql::Transaction& tx) { return create_organization({words, email, "hash", "uid 0"}, tx); });
  };
  const auto made = create(acme, "owner@example.com");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->owner.person, Person::known);
  EXPECT_EQ(members("acme"), "owner@example.com owner");
  const auto account = database.write([&](sql::Transaction& tx) {
    return store::Organizations(tx).find_bank_account(made->organization.id, made->bank_account);
  });
  ASSERT_TRUE(account);
  EXPECT_EQ(account->iban + " " + account->bic, "FR7716798000010000000000103 TRZOFR21XXX");
  EXPECT_EQ(create(acme, "eve@example.com").error().reason, "slug_taken");
  const auto listed = database.write([](sql::Transaction& tx) { return list_organizations(tx); });
  ASSERT_EQ(listed->size(), 3U);
  EXPECT_EQ((*listed)[0].slug + " " + (*listed)[1].slug + " " + (*listed)[2].slug, "acme other shop");
  struct Case {
    const char* name;
    std::string OrganizationWords::* word;
    const char* text;
    const char* says;
  };
  constexpr Case cases[] = {
      {"slug", &OrganizationWords::slug, "Two Words", "--slug must be"},
      {"no slug", &OrganizationWords::slug, "", "--slug must be"},
      {"no name", &OrganizationWords::name, "", "--name must be"},
      {"a name that is no UTF-8", &OrganizationWords::name, "Caf\xE9", "--name must be"},
      {"a name of two lines", &OrganizationWords::name, "Tea\nShop", "--name must be"},
      {"iban", &OrganizationWords::iban, "FR7716798000010000000000104", "--iban is no IBAN"},
      {"bic", &OrganizationWords::bic, "TRZO", "--bic is no BIC"},
      {"currency", &OrganizationWords::currency, "EURO", "--currency must be"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    OrganizationWords words = acme;
    words.*c.word = c.text;
    const auto refused = create(words, "eve@example.com");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "bad_argument");
    EXPECT_NE(refused.error().message.find(c.says), std::string::npos) << refused.error().message;
  }
  OrganizationWords second = acme;
  second.slug = "second";
  EXPECT_EQ(create(second, "nobody").error().reason, "bad_email");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM organizations"), 3);
}

}  // namespace
}  // namespace paylink::app
