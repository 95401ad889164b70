#pragma once

#include "app/connect_account.hpp"
#include "app/provider_keys.hpp"
#include "app/refreshing_provider.hpp"
#include "app/testing.hpp"
#include "store/members.hpp"

// What the tests of authorizations at the provider share.
namespace paylink::app::testing {

// The provider's side of an authorization, in memory: tokens are "access-1", "refresh-1" and so on.
class FakeConnect final : public ProviderConnect {
 public:
  std::string_view client_id() const override { return application; }
  std::string authorize_url(std::string_view state) const override { return "https://provider/?" + std::string(state); }
  Task<Result<ProviderTokens>> exchange(Secret code) override {
    codes.push_back(code.reveal());
    return issue(during_exchange);
  }
  Task<Result<ProviderTokens>> refresh(Secret refresh_token) override {
    refreshed.push_back(refresh_token.reveal());
    if (rotates && refresh_token.reveal() != newest_) return at_once<ProviderTokens>(grant_refused());
    return issue(during_refresh);
  }
  Task<Result<>> revoke(Secret refresh_token) override {
    if (always) return nothing(*always);
    revoked.push_back(refresh_token.reveal());
    return nothing({});
  }
  Task<Result<ProviderAccount>> account(Secret access_token) override {
    asked_with.push_back(access_token.reveal());
    if (auto hook = std::exchange(during_account, nullptr)) hook();
    if (always) return at_once<ProviderAccount>(*always);
    if (access_token.reveal() == refused_token) return at_once<ProviderAccount>(FakeProvider::key_refused());
    return at_once<ProviderAccount>(said);
  }

  static Failure grant_refused() { return fail(ErrorCode::invalid_input, "grant_refused", "", "HTTP 400"); }

  ProviderAccount said{"Shop at the provider", true, {{"pfl_shop", "Shop"}, {"pfl_bad", "Bad", true}}};
  std::vector<std::string> codes, refreshed, revoked, asked_with;
  std::string refused_token, application = "app_ours";
  std::optional<Failure> always;
  bool rotates = false;  // each answer has another refresh token, and the one before it is worth nothing
  std::function<void()> during_exchange, during_refresh, during_account;

 private:
  Task<Result<>> nothing(Result<> result) { co_return result; }
  Task<Result<ProviderTokens>> issue(std::function<void()>& during) {
    if (auto hook = std::exchange(during, nullptr)) hook();
    if (always) return at_once<ProviderTokens>(*always);
    const std::string number = std::to_string(++issued_);
    newest_ = "refresh-" + (rotates ? number : std::string("1"));
    return at_once<ProviderTokens>(
        ProviderTokens{Secret("access-" + number), Secret(newest_), std::chrono::seconds(3600)});
  }
  int issued_ = 0;
  std::string newest_;
};

// A connection that was begun, and an owner of its organization.
class ConnectTest : public ::testing::Test {
 protected:
  ConnectTest() {
    connection.bank_account = BankAccountId::create(database.clock.now(), database.random);
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(store::Organizations(tx).insert_bank_account(
          {shop.id, connection.bank_account, "Account", "FR76", "BIC", "EUR"}));
      return store::Connections(tx).insert(connection);
    }));
  }

  UserId add_member(const std::string& email, Role role, const Organization& organization) {
    const auto user = UserId::create(database.clock.now(), database.random);
    const auto id = MembershipId::create(database.clock.now(), database.random);
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(store::Members(tx).insert_user({user, email, "hash"}));
      return store::Members(tx).insert({organization.id, id, user, role});
    }));
    return user;
  }
  Connection stored() {
    return *database.write([&](sql::Transaction& tx) { return store::Connections(tx).find(shop.id, connection.id); });
  }
  ProviderGrant grant(ProviderGrantId id) {
    return *database.write([&](sql::Transaction& tx) { return store::ProviderGrants(tx).find(shop.id, id); });
  }
  ProviderGrant grant() { return grant(*stored().grant); }
  std::string states() {
    std::string text;
    const auto rows = database.ask("SELECT state FROM provider_grants ORDER BY id");
    for (std::size_t i = 0; i < rows.size(); ++i) text += (i == 0 ? "" : " ") + std::string(rows[i].text(0));
    return text;
  }
  ConnectionVisitor at_page(UserId user, ConnectionUse use = ConnectionUse::decide) {
    return {{shop.id, connection.id, stored().revision, use}, user};
  }
  // The state with which a browser comes back.
  std::string begin(const ConnectionVisitor& visitor) {
    const auto url = now(connect_account.begin(visitor));
    return url ? url->substr(url->find('?') + 1) : url.error().reason;
  }
  std::string begin() { return begin(at_page(owner)); }
  std::string finish(const std::string& state, UserId user, const std::string& code = "code",
                     const std::string& error = "") {
    const auto page = now(connect_account.finish({state, Secret(code), error, user}));
    return page ? (page->was_refused ? "refused" : "done") : page.error().reason;
  }
  std::string choose(const std::string& profile = "pfl_shop", const std::string& mode = "test") {
    const auto done = now(connect_account.choose(at_page(owner), profile, mode));
    return done ? "done" : done.error().reason;
  }
  std::string confirm() {
    const auto done = now(provider_keys.confirm(at_page(owner), stored().proposed.value_or(store::ProposedKey{}).at));
    return done ? "done" : done.error().reason;
  }
  // All the way.
  void connect(const std::string& mode = "test") {
    EXPECT_EQ(finish(begin(), owner), "done");
    EXPECT_EQ(choose("pfl_shop", mode), "done");
    EXPECT_EQ(confirm(), "done");
  }
  // As often as something is due.
  int look_after() { return *now(renewal.look_after(50)); }
  void let_pass(std::chrono::seconds time) { database.clock.advance(time); }
  ProviderAccess access() {
    return *database.write([&](sql::Transaction& tx) { return access_of(stored_in(tx), keys, tx); });
  }
  std::string token() { return access().credential.reveal(); }
  // How many were told that it was enabled, and that it was revoked.
  std::string events() {
    return std::to_string(
               database.number("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_enabled%'")) +
           " " +
           std::to_string(
               database.number("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_revoked%'"));
  }

  store::testing::Database database;
  const crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  Organization shop = store::testing::add_organization(database, "shop");
  Organization other = store::testing::add_organization(database, "other");
  UserId owner = add_member("owner@example.com", Role::owner, shop);
  Connection connection{shop.id,
                        ConnectionId::create(database.clock.now(), database.random),
                        "mollie",
                        "test",
                        ConnectionStatus::pending,
                        "",
                        {}};
  TestLane lane{database};
  FakeProvider provider;
  FakeConnect at_provider;
  TokenRenewal renewal{lane, at_provider, keys};
  ConnectAccount connect_account{lane, at_provider, keys};
  ProviderKeys provider_keys{lane, provider, keys};

 private:
  Connection stored_in(sql::Transaction& tx) { return *store::Connections(tx).find(shop.id, connection.id); }
};

}  // namespace paylink::app::testing
