#pragma once

#include <optional>
#include <string>

#include "domain/names.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

enum class ProviderGrantState : std::uint8_t {
  asked,    // a browser is at the provider
  taken,    // it has come back, and its code is being exchanged
  given,    // there are tokens; the merchant has yet to say for what profile
  waiting,  // confirmed; the provider does not let the account take payments yet
  used,     // speaks for its connection
  ended,    // to be revoked at the provider, once nothing needs it any more
  gone,     // there are no tokens any more
};

inline constexpr auto provider_grant_state_names = names<ProviderGrantState>({
    {ProviderGrantState::asked, "asked"},
    {ProviderGrantState::taken, "taken"},
    {ProviderGrantState::given, "given"},
    {ProviderGrantState::waiting, "waiting"},
    {ProviderGrantState::used, "used"},
    {ProviderGrantState::ended, "ended"},
    {ProviderGrantState::gone, "gone"},
});

// What a merchant has allowed us at the provider. The tokens open only for this organization and grant, and each only
// as what it is; both are absent before there are any, and when it is `gone`.
struct ProviderGrant {
  OrganizationId organization;
  ProviderGrantId id;
  ConnectionId connection;
  ProviderGrantState state = ProviderGrantState::asked;
  UserId user;                // who asked
  std::int64_t revision = 0;  // of the connection, when it was asked for
  Time created_at;
  Time state_at;
  std::optional<Time> due_at;  // when something is to be done about it
  // Of the account, as the provider says.
  std::string account_name{};
  bool is_account_complete = false;  // it may take payments
  std::string profiles = "[]";       // JSON
  std::string access_token_sealed{};
  std::string refresh_token_sealed{};
  std::string client_id{};  // of our application that they were issued to; empty: not known
  std::int64_t tokens = 0;  // how often some were issued
  std::optional<Time> issued_at{};
  std::optional<Time> lease_until{};  // of who is renewing them
  int tries = 0;                      // since something last worked
};

class ProviderGrants {
 public:
  explicit ProviderGrants(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const ProviderGrant& grant);
  // Stores all that changes.
  Result<> update(const ProviderGrant& grant);
  Result<> remove(OrganizationId organization, ProviderGrantId id);
  // Fails with `not_found`.
  Result<ProviderGrant> find(OrganizationId organization, ProviderGrantId id);
  // The same, held until the transaction ends.
  Result<ProviderGrant> find_for_update(OrganizationId organization, ProviderGrantId id);
  // The latest one of a connection in that state; absent when there is none.
  Result<std::optional<ProviderGrant>> latest(OrganizationId organization, ConnectionId connection,
                                              ProviderGrantState state);
  // Of a connection: those that nobody has come back for are forgotten, all others end.
  Result<> end_all(OrganizationId organization, ConnectionId connection);
  // Another one is asked for: those asked for before lead nowhere.
  Result<> forget_asked(OrganizationId organization, ConnectionId connection);

  // One whose time has come, not to be looked at by anybody else for `lease`. For work that looks after all
  // organizations.
  Result<std::optional<ProviderGrant>> claim_due(std::chrono::microseconds lease);
  // Nobody is renewing tokens: for the only process of a database, at its start, when whoever was is gone.
  Result<> end_leases();
  // As Attempts::bring_forward, of those whose account is asked about, and those that are to be revoked.
  Result<int> bring_forward(Time latest, Time to, int limit);
  // Whether payments or refunds of the connection are still to be asked about.
  Result<bool> is_needed(OrganizationId organization, ConnectionId connection);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
