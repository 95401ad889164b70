#pragma once

#include <optional>
#include <string>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// A key that was shown to us, or a profile that was chosen of those we were authorized for, and that is not in use yet,
// with what the provider says whose it is.
struct ProposedKey {
  std::string api_key_sealed;  // opens as nothing but a proposal of its connection; empty with a grant
  std::string mode;            // "test" or "live"
  std::string profile_id;
  std::string profile_name;
  Time at;
  std::optional<ProviderGrantId> grant{};
};

// How an organization is paid: by a key or by a grant. `api_key_sealed` opens only for this organization and
// connection; both are absent until something was confirmed, and a pending one with a grant waits for the provider to
// let its account take payments.
struct Connection {
  OrganizationId organization;
  ConnectionId id;
  std::string provider;  // "mollie"
  std::string mode;      // "test" or "live"
  ConnectionStatus status;
  std::string api_key_sealed;
  BankAccountId bank_account;
  // What the merchant said when he began it.
  std::string callback_url{};  // where his browser returns to
  std::string phone_number{};  // E.164
  std::optional<std::string> business_description{};
  std::optional<std::string> website_url{};
  // Whom the provider pays; empty until a key was confirmed.
  std::string profile_id{};
  std::string profile_name{};
  std::int64_t revision = 0;  // how often something was decided of it
  std::optional<ProposedKey> proposed{};
  std::optional<ProviderGrantId> grant{};
  std::string account_name{};  // of the organization at the provider; empty with a key
};

// A connection whose chargebacks are to be looked over.
struct ChargebackLook {
  Connection connection;
  std::string seen;  // the provider's id of the newest one that was dealt with; empty: none was
};

class Connections {
 public:
  explicit Connections(sql::Transaction& tx) : tx_(tx) {}

  // Fails with `already_exists` when there is a pending or enabled one.
  Result<> insert(const Connection& connection);
  // Stores all that is decided of it: status, mode, key, profile, revision, and what is proposed.
  Result<> update(const Connection& connection);
  // Fails with `not_found`.
  Result<Connection> find(OrganizationId organization, ConnectionId id);
  // The same, held until the transaction ends.
  Result<Connection> find_for_update(OrganizationId organization, ConnectionId id);
  // The one that was begun last; absent when there never was one.
  Result<std::optional<Connection>> latest(OrganizationId organization);
  // The one that takes payments now; absent when there is none.
  Result<std::optional<Connection>> enabled(OrganizationId organization);
  Result<bool> has_enabled(OrganizationId organization);
  // Forgets proposals made before that moment, at most `limit`; says how many. For work that looks after all
  // organizations.
  Result<int> purge_proposals(Time before, int limit);
  // The one whose time came first; nobody else gets it before `next`. For work that looks after all organizations.
  Result<std::optional<ChargebackLook>> claim_chargeback_look(Time next);
  // As Attempts::bring_forward, but for those that have ended.
  Result<int> bring_chargeback_looks_forward(Time latest, Time to, int limit);
  Result<> end_chargeback_looks(OrganizationId organization, ConnectionId id);
  Result<> record_chargebacks_seen(OrganizationId organization, ConnectionId id, std::string_view seen);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
