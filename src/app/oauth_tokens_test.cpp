#include "app/oauth_tokens.hpp"

#include <gtest/gtest.h>

#include <array>

#include "app/authenticate.hpp"
#include "app/authorize.hpp"
#include "app/testing.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

const std::string callback = "https://app.example/callback";
const std::string verifier(43, 'v');

// An organization, its owner, and two applications that ask for things.
class OauthTokens : public ::testing::Test {
 protected:
  OauthTokens() {
    confidential = add_client(store::ClientType::confidential);
    other = add_client(store::ClientType::confidential);
    public_app = add_client(store::ClientType::public_client);
  }

  store::OauthClient add_client(store::ClientType type) {
    const auto id = store::OauthClientId::create(database.clock.now(), database.random);
    store::OauthClient client{
        id, "App", type, *Scopes::parse("offline_access payment_link.read payment_link.write"), {callback}, "test"};
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      store::OauthClients clients(tx);
      TRY(clients.insert(client));
      if (type == store::ClientType::public_client) return {};
      return clients.insert_secret(id, {id.uuid(), shop.keys.hash_token(secret), "cret", {}});
    }));
    return client;
  }

  Approve approval(const store::OauthClient& client, const std::string& scopes, bool with_challenge = true) {
    Approve command{{client, callback, *Scopes::parse(scopes), "state-of-8", {}, organization}, user, Asked::now, 60s};
    if (with_challenge) command.request.code_challenge = crypto::to_base64url(crypto::sha256(verifier));
    return command;
  }

  std::string code_for(const Approve& command) {
    auto code = database.write(organization, [&](sql::Transaction& tx) { return approve(command, shop.keys, tx); });
    ENSURE(code);
    return code->reveal();
  }
  std::string new_code(const std::string& scopes = "offline_access payment_link.read") {
    return code_for(approval(confidential, scopes));
  }

  ClientCredentials who(const store::OauthClient& client) const {
    ClientCredentials credentials{client.id.text(), {}};
    if (client.type == store::ClientType::confidential) credentials.secret = Secret(secret);
    return credentials;
  }

  RedeemCode redeem(const std::string& code) const {
    return {organization, who(confidential), code, callback, verifier};
  }
  RefreshTokens refresh(const std::string& token) const { return {organization, who(confidential), token, {}}; }

  Result<TokenReply> run(const RedeemCode& command) {
    return database.write(organization, [&](sql::Transaction& tx) { return redeem_code(command, shop.keys, tx); });
  }
  Result<TokenReply> run(const RefreshTokens& command) {
    return database.write(organization, [&](sql::Transaction& tx) { return refresh_tokens(command, shop.keys, tx); });
  }

  template <class Command>
  IssuedTokens issued(const Command& command) {
    auto reply = run(command);
    ENSURE(reply);
    if (const auto* refusal = std::get_if<TokenRefusal>(&*reply)) ADD_FAILURE() << refusal->description;
    return std::get<IssuedTokens>(*std::move(reply));
  }
  // RFC 6749's word for why there are none; empty when there are.
  template <class Command>
  std::string refusal(const Command& command) {
    const auto reply = run(command);
    if (!reply) return reply.error().reason;
    const auto* refused = std::get_if<TokenRefusal>(&*reply);
    return refused ? std::string(refused->error) : "";
  }

  // What a request with that bearer token may do; empty when it is refused.
  std::string scopes_of(const Secret& token) {
    const auto presented = read_authorization("Bearer " + token.reveal(), 1, shop.keys);
    const auto identity =
        database.write(organization, [&](sql::Transaction& tx) { return find_identity(*presented, tx); });
    if (!identity) return "";
    std::string scopes;
    for (const auto& row : scope_names.rows)
      if (identity->caller.scopes.has(row.first)) scopes += (scopes.empty() ? "" : " ") + std::string(row.second);
    return scopes;
  }

  Result<> in_one_write(const std::function<Result<>(sql::Transaction&)>& step) {
    return database.write(organization, step);
  }

  Database database;
  testing::TestInstallation shop{database};
  const OrganizationId organization = shop.installation.organization.id;
  const UserId user = shop.installation.user;
  const std::string secret = "secret";
  store::OauthClient confidential, other, public_app;
};

TEST_F(OauthTokens, AreGivenForACodeOnce) {
  const std::string code = new_code();
  const IssuedTokens tokens = issued(redeem(code));
  EXPECT_EQ(tokens.scopes.text(), "offline_access payment_link.read");
  ASSERT_TRUE(tokens.refresh_token);
  EXPECT_EQ(scopes_of(tokens.access_token), "payment_link.read");
  EXPECT_EQ(scopes_of(*tokens.refresh_token), "");  // not what it is for
  // Whoever comes with the code again ends what it was exchanged for.
  EXPECT_EQ(refusal(redeem(code)), "invalid_grant");
  EXPECT_EQ(scopes_of(tokens.access_token), "");
  EXPECT_EQ(refusal(refresh(tokens.refresh_token->reveal())), "invalid_grant");
}

TEST_F(OauthTokens, WithoutOfflineAccessThereIsNoRefreshToken) {
  const IssuedTokens tokens = issued(redeem(new_code("payment_link.read")));
  EXPECT_FALSE(tokens.refresh_token);
  database.clock.advance(access_token_life - 1s);
  EXPECT_EQ(scopes_of(tokens.access_token), "payment_link.read");
  database.clock.advance(1s);
  EXPECT_EQ(scopes_of(tokens.access_token), "");
}

TEST_F(OauthTokens, ACodeIsBoundToWhatItWasAskedWith) {
  struct Case {
    const char* name;
    std::function<void(RedeemCode&)> change;
    std::string error;
  };
  const Case cases[] = {
      {"another client", [&](RedeemCode& c) { c.client = who(other); }, "invalid_grant"},
      {"a public client", [&](RedeemCode& c) { c.client = who(public_app); }, "invalid_grant"},
      {"a wrong secret", [](RedeemCode& c) { c.client.secret = Secret("wrong"); }, "invalid_client"},
      {"no secret", [](RedeemCode& c) { c.client.secret.reset(); }, "invalid_client"},
      {"an empty secret", [](RedeemCode& c) { c.client.secret = Secret(""); }, "invalid_client"},
      {"an unknown client", [](RedeemCode& c) { c.client.client_id = "01900000-0000-7000-8000-000000000000"; },
       "invalid_client"},
      {"no client", [](RedeemCode& c) { c.client.client_id = "shop"; }, "invalid_client"},
      {"another redirect_uri", [](RedeemCode& c) { c.redirect_uri += "/"; }, "invalid_grant"},
      {"a wrong verifier", [](RedeemCode& c) { c.code_verifier = std::string(43, 'w'); }, "invalid_grant"},
      {"no verifier", [](RedeemCode& c) { c.code_verifier.reset(); }, "invalid_grant"},
      {"the challenge as verifier",
       [](RedeemCode& c) { c.code_verifier = crypto::to_base64url(crypto::sha256(verifier)); }, "invalid_grant"},
      {"another code", [&](RedeemCode& c) { c.code = crypto::make_token(shop.id, database.random).reveal(); },
       "invalid_grant"},
      {"no code", [](RedeemCode& c) { c.organization = {}; }, "invalid_grant"},
  };
  const std::string code = new_code();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    RedeemCode command = redeem(code);
    c.change(command);
    EXPECT_EQ(refusal(command), c.error);
  }
  EXPECT_EQ(refusal(redeem(code)), "");  // none of them has used it up
}

TEST_F(OauthTokens, WhatWasWithdrawnIsNotAllowedWithoutAsking) {
  Approve command = approval(confidential, "payment_link.read");
  command.asked = Asked::before;
  const auto again = [&] {
    const auto code =
        database.write(organization, [&](sql::Transaction& tx) { return approve(command, shop.keys, tx); });
    return code ? "" : code.error().reason;
  };
  EXPECT_EQ(again(), "consent_withdrawn");
  const std::string unused = new_code("payment_link.read");
  EXPECT_EQ(again(), "");
  const store::Delegation delegation{organization, shop.installation.membership, confidential.id};
  ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) { return revoke_consent(delegation, "test", tx); }));
  EXPECT_EQ(again(), "consent_withdrawn");
  EXPECT_EQ(refusal(redeem(unused)), "invalid_grant");
}

// Remembers how what is about consents was done.
class ConsentWatch final : public sql::Transaction {
 public:
  explicit ConsentWatch(sql::Transaction& inner)
      : Transaction(inner.now(), inner.random(), inner.has_row_numbers()), inner_(inner) {}
  Result<sql::Rows> query(std::string_view statement, sql::Values values) override {
    note("query", statement);
    return inner_.query(statement, values);
  }
  Result<sql::Rows> lock(std::string_view statement, sql::Values values) override {
    note("lock", statement);
    return inner_.lock(statement, values);
  }
  Result<> defer(std::string_view statement, sql::Values values) override {
    note("defer", statement);
    return inner_.defer(statement, values);
  }
  Result<> add(std::string_view statement, const Uuid& organization, std::string_view name, std::int64_t amount,
               const sql::Entry& entry) override {
    return inner_.add(statement, organization, name, amount, entry);
  }
  Result<bool> try_claim(std::string_view key) override { return inner_.try_claim(key); }

  std::vector<std::string> seen;

 private:
  void note(std::string_view how, std::string_view statement) {
    if (statement.find("oauth_consents") != std::string_view::npos) seen.emplace_back(how);
  }

  sql::Transaction& inner_;
};

// Whoever withdraws a consent at this very moment comes before or after it, and nothing brings the consent back.
TEST_F(OauthTokens, AConsentIsHeldWhileItIsGoneByAndWrittenByWhoSaysYesAlone) {
  const auto seen = [&](Asked asked) {
    Approve command = approval(confidential, "payment_link.read");
    command.asked = asked;
    std::vector<std::string> steps;
    EXPECT_TRUE(in_one_write([&](sql::Transaction& tx) -> Result<> {
      ConsentWatch watch(tx);
      TRY(approve(command, shop.keys, watch));
      steps = watch.seen;
      return {};
    }));
    return steps;
  };
  EXPECT_EQ(seen(Asked::now), (std::vector<std::string>{"lock", "defer"}));
  EXPECT_EQ(seen(Asked::before), std::vector<std::string>{"lock"});
}

// A challenge that is cut off on its way to us must not turn the check off: RFC 9700, section 4.8.2.
TEST_F(OauthTokens, AVerifierWithoutAChallengeIsRefused) {
  RedeemCode command = redeem(code_for(approval(confidential, "payment_link.read", false)));
  EXPECT_EQ(refusal(command), "invalid_grant");
  command.code_verifier.reset();
  EXPECT_EQ(refusal(command), "");
}

TEST_F(OauthTokens, VerifiersAreAsLongAsTheyMustBe) {
  for (const auto& [text, error] : std::map<std::string, std::string>{{std::string(42, 'v'), "invalid_grant"},
                                                                      {std::string(43, 'v'), ""},
                                                                      {std::string(128, 'v'), ""},
                                                                      {std::string(129, 'v'), "invalid_grant"},
                                                                      {std::string(43, '+'), "invalid_grant"}}) {
    SCOPED_TRACE(text);
    Approve command = approval(confidential, "payment_link.read");
    command.request.code_challenge = crypto::to_base64url(crypto::sha256(text));
    RedeemCode attempt = redeem(code_for(command));
    attempt.code_verifier = text;
    EXPECT_EQ(refusal(attempt), error);
  }
}

TEST_F(OauthTokens, ACodeRunsOut) {
  const std::string good = new_code(), late = new_code();
  database.clock.advance(59s);
  EXPECT_EQ(refusal(redeem(good)), "");
  database.clock.advance(1s);
  EXPECT_EQ(refusal(redeem(late)), "invalid_grant");
}

TEST_F(OauthTokens, RotateAndEndTogetherWhenOneComesAgain) {
  const IssuedTokens first = issued(redeem(new_code()));
  const IssuedTokens second = issued(refresh(first.refresh_token->reveal()));
  EXPECT_EQ(scopes_of(first.access_token), "payment_link.read");
  EXPECT_EQ(scopes_of(second.access_token), "payment_link.read");
  const IssuedTokens third = issued(refresh(second.refresh_token->reveal()));
  EXPECT_EQ(refusal(refresh(first.refresh_token->reveal())), "invalid_grant");
  for (const auto* tokens : {&first, &second, &third}) EXPECT_EQ(scopes_of(tokens->access_token), "");
  EXPECT_EQ(refusal(refresh(third.refresh_token->reveal())), "invalid_grant");
}

// What an entry says besides its action; of each of them a line.
TEST_F(OauthTokens, LeaveATraceWhenTheyComeAgainOrAreGivenUp) {
  const auto audited = [&](std::string_view action) {
    std::string lines;
    const auto rows = database.ask(
        "SELECT actor, object, detail FROM audit_events WHERE action = $1 AND about_organization = $2 ORDER BY id",
        std::array<sql::Value, 2>{action, organization});
    for (std::size_t i = 0; i < rows.size(); ++i)
      lines += std::string(rows[i].text(0)) + " | " + std::string(rows[i].text(1)) + " | " +
               std::string(rows[i].text(2)) + "\n";
    return lines;
  };
  const std::string membership = shop.installation.membership.text(), client = confidential.id.text();
  const std::string who_and_what = "client " + client + " for membership " + membership + " | " + client + " | ";

  const RedeemCode twice = redeem(new_code());
  issued(twice);
  EXPECT_EQ(audited("token_replayed"), "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal(twice), "invalid_grant");
  std::string expected = who_and_what + "code_replayed\n";
  EXPECT_EQ(audited("token_replayed"), expected) << "once: it is dead after that";

  const IssuedTokens tokens = issued(redeem(new_code()));
  issued(refresh(tokens.refresh_token->reveal()));
  database.clock.advance(1s);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal(refresh(tokens.refresh_token->reveal())), "invalid_grant");
  expected += who_and_what + "refresh_token_reused\n";
  EXPECT_EQ(audited("token_replayed"), expected);

  const std::string unused = new_code();
  const store::Delegation delegation{organization, shop.installation.membership, confidential.id};
  const Caller caller{organization, {}, {}, delegation};
  ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) -> Result<> {
    TRY(withdraw_consent({}, caller, tx));
    return {};
  }));
  EXPECT_EQ(audited("application_revoked"), who_and_what + "\n");
  EXPECT_EQ(refusal(redeem(unused)), "invalid_grant");
  EXPECT_EQ(audited("token_replayed"), expected) << "it was never used";
}

TEST_F(OauthTokens, AreRefreshedWithinWhatWasGranted) {
  const IssuedTokens tokens = issued(redeem(new_code("offline_access payment_link.read payment_link.write")));
  RefreshTokens command = refresh(tokens.refresh_token->reveal());
  command.scopes = Scopes::parse("payment_link.read webhook");
  EXPECT_EQ(refusal(command), "invalid_scope");
  command.client = who(other);
  EXPECT_EQ(refusal(command), "invalid_grant");
  command.client = who(confidential);
  command.scopes = Scopes::parse("payment_link.read");
  const IssuedTokens fewer = issued(command);
  EXPECT_EQ(scopes_of(fewer.access_token), "payment_link.read");
  // The grant itself is as it was: the next time all of it may be had.
  const IssuedTokens all = issued(refresh(fewer.refresh_token->reveal()));
  EXPECT_EQ(scopes_of(all.access_token), "payment_link.read payment_link.write payment_link.create");
}

TEST_F(OauthTokens, EndNinetyDaysAfterTheGrantHoweverOftenTheyAreRefreshed) {
  IssuedTokens tokens = issued(redeem(new_code()));
  for (int day = 0; day < 89; ++day) {
    database.clock.advance(24h);
    tokens = issued(refresh(tokens.refresh_token->reveal()));
  }
  database.clock.advance(23h + 30min);
  EXPECT_EQ(tokens.life, 1h);
  tokens = issued(refresh(tokens.refresh_token->reveal()));
  EXPECT_EQ(tokens.life, 30min);
  database.clock.advance(30min - 1s);
  EXPECT_EQ(scopes_of(tokens.access_token), "payment_link.read");
  database.clock.advance(1s);
  EXPECT_EQ(scopes_of(tokens.access_token), "");  // no longer than its grant
  EXPECT_EQ(refusal(refresh(tokens.refresh_token->reveal())), "invalid_grant");
}

TEST_F(OauthTokens, AreGivenBack) {
  const auto revoke = [&](const store::OauthClient& client, const Secret& token) {
    EXPECT_TRUE(database.write(organization, [&](sql::Transaction& tx) {
      return revoke_token({organization, who(client), token.reveal()}, shop.keys, tx);
    }));
  };
  const IssuedTokens first = issued(redeem(new_code())), second = issued(redeem(new_code()));
  revoke(other, first.access_token);
  EXPECT_EQ(scopes_of(first.access_token), "payment_link.read");
  revoke(confidential, first.access_token);
  EXPECT_EQ(scopes_of(first.access_token), "");
  const IssuedTokens again = issued(refresh(first.refresh_token->reveal()));
  revoke(confidential, *again.refresh_token);
  EXPECT_EQ(scopes_of(again.access_token), "");
  EXPECT_EQ(refusal(refresh(again.refresh_token->reveal())), "invalid_grant");
  EXPECT_EQ(scopes_of(second.access_token), "payment_link.read");
}

TEST_F(OauthTokens, EndWithTheConsentTheMembershipAndTheApplication) {
  const store::Delegation delegation{organization, shop.installation.membership, confidential.id};
  IssuedTokens tokens = issued(redeem(new_code()));
  ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) { return revoke_consent(delegation, "test", tx); }));
  EXPECT_EQ(scopes_of(tokens.access_token), "");
  EXPECT_EQ(refusal(refresh(tokens.refresh_token->reveal())), "invalid_grant");
  tokens = issued(redeem(new_code()));
  const std::string unused = new_code();
  ASSERT_TRUE(
      in_one_write([&](sql::Transaction& tx) { return store::Members(tx).end(organization, delegation.membership); }));
  EXPECT_EQ(scopes_of(tokens.access_token), "");
  EXPECT_EQ(refusal(refresh(tokens.refresh_token->reveal())), "invalid_grant");
  EXPECT_EQ(refusal(redeem(unused)), "invalid_grant");
  ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) {
    return store::Members(tx).insert({organization, delegation.membership, user, Role::owner});
  }));
  EXPECT_EQ(scopes_of(tokens.access_token), "payment_link.read");
  ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) { return store::OauthClients(tx).erase(confidential.id); }));
  EXPECT_EQ(scopes_of(tokens.access_token), "");
  EXPECT_EQ(refusal(refresh(tokens.refresh_token->reveal())), "invalid_client");
}

// Whatever was granted, nobody lets an application do more than he may do himself now.
TEST_F(OauthTokens, DoNoMoreThanTheMemberMay) {
  const IssuedTokens tokens = issued(redeem(new_code("offline_access payment_link.read payment_link.write")));
  const auto become = [&](Role role) {
    ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) {
      return store::Members(tx).set_role(organization, shop.installation.membership, role);
    }));
  };
  become(Role::reporter);
  EXPECT_EQ(scopes_of(tokens.access_token), "payment_link.read");
  const IssuedTokens refreshed = issued(refresh(tokens.refresh_token->reveal()));
  EXPECT_EQ(refreshed.scopes.text(), "offline_access payment_link.read");
  const IssuedTokens fresh = issued(redeem(new_code("payment_link.read payment_link.write")));
  EXPECT_EQ(fresh.scopes.text(), "payment_link.read");
  become(Role::manager);
  EXPECT_EQ(scopes_of(tokens.access_token), "payment_link.read payment_link.write payment_link.create");
}

TEST_F(OauthTokens, APublicClientHasNoSecret) {
  RedeemCode command = redeem(code_for(approval(public_app, "payment_link.read")));
  command.client = who(public_app);
  command.client.secret = Secret(secret);
  EXPECT_EQ(refusal(command), "invalid_client");
  command.client.secret.reset();
  EXPECT_EQ(refusal(command), "");
}

TEST_F(OauthTokens, AnOldSecretIsGoodUntilItRunsOut) {
  const IssuedTokens tokens = issued(redeem(new_code()));
  ASSERT_TRUE(in_one_write([&](sql::Transaction& tx) -> Result<> {
    store::OauthClients clients(tx);
    TRY(clients.expire_secrets(confidential.id, tx.now() + 1h));
    return clients.insert_secret(confidential.id,
                                 {Uuid::v7(tx.now(), tx.random()), shop.keys.hash_token("new secret"), "cret", {}});
  }));
  RefreshTokens command = refresh(tokens.refresh_token->reveal());
  database.clock.advance(59min);
  command.refresh_token = issued(command).refresh_token->reveal();
  database.clock.advance(1min);
  EXPECT_EQ(refusal(command), "invalid_client");
  command.client.secret = Secret("new secret");
  EXPECT_EQ(refusal(command), "");
}

}  // namespace
}  // namespace paylink::app
