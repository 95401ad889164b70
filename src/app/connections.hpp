#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/caller.hpp"
#include "base/secret.hpp"
#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"
#include "store/connections.hpp"
#include "store/provider_grants.hpp"

namespace paylink::app {

// How an organization comes to be paid through a provider (contract.md 1.1): it begins a connection, and finishes it on
// a page that is reached by a word of its own.
using Connection = store::Connection;

struct BeginConnection {
  std::string callback_url;  // https; where the browser returns to afterwards; of an application at one of its hosts
  BankAccountId bank_account;
  std::string phone_number;  // E.164
  std::optional<std::string> business_description;
  std::optional<std::string> website_url;
};

// On what page a connection that is begun is finished: where an owner or admin shows his key of the provider, or the
// sandbox's, where anybody decides.
enum class Onboarding : std::uint8_t { provider, sandbox };

// A pending one. Fails with `invalid` (a bank account of somebody else; a host that is not the application's), and with
// `multiple_connections_not_allowed` while there is a pending or enabled one; a disabled one may be begun anew.
Result<Connection> begin_connection(const BeginConnection& command, const Caller& caller, sql::Transaction& tx);

struct FindConnection {};

// The caller's latest. Fails with `not_found` when none was ever begun.
Result<Connection> find_connection(const FindConnection&, const Caller& caller, sql::Transaction& tx);

// A merchant's key at the provider, or the grant that speaks for him instead, and whom payments that are made with it
// go to.
struct ProviderKey {
  Secret key;        // empty with a grant
  std::string mode;  // "test" or "live"
  std::string profile_id{};
  std::string profile_name{};
  std::optional<ProviderGrantId> grant{};
  std::string account_name{};
  bool is_account_complete = true;  // of a grant: the provider lets the account be paid
};

// Takes payments from now on, with the provider's key for this merchant; in live mode not before the provider lets the
// account of a grant be paid: until then it is pending. Enabling an enabled one changes nothing. Fails with
// `not_found`, and with `invalid_status` for one that is disabled.
Result<Connection> enable_connection(OrganizationId organization, ConnectionId id, const ProviderKey& key,
                                     const crypto::KeyRing& keys, sql::Transaction& tx);

// The provider lets its account be paid: one that waited for that is enabled. Nothing changes for any other.
Result<> enable_waiting(OrganizationId organization, ConnectionId id, sql::Transaction& tx);

// The key of an enabled one, which goes on with this one of the same profile and mode.
Result<> replace_key(Connection connection, const ProviderKey& key, const crypto::KeyRing& keys, sql::Transaction& tx);

// Takes none any more, or never did; what is under way is still settled. Disabling a disabled one changes nothing.
// Fails with `not_found`.
Result<Connection> disable_connection(OrganizationId organization, ConnectionId id, sql::Transaction& tx);

// What the page may be used for: whoever may only read connections gets an address to look at.
enum class ConnectionUse : std::uint8_t { look, decide };
ConnectionUse connection_use_of(const Caller& caller);

// The last segment of the page's address: says whose, which, how often something was decided of it, and what for;
// signed, and good for half an hour and for one decision: after another one the page shows how things are, and nothing
// can be decided with it any more.
std::string make_connection_word(const Connection& connection, ConnectionUse use, const crypto::KeyRing& keys,
                                 Time now);

struct ConnectionWord {
  OrganizationId organization;
  ConnectionId connection;
  std::int64_t revision;
  ConnectionUse use;
};
std::optional<ConnectionWord> read_connection_word(std::string_view word, const crypto::KeyRing& keys, Time now);

// What the page shows.
struct ConnectionView {
  Connection connection;
  bool can_decide;  // with the word it was reached by
  Organization organization;
  BankAccount bank_account;
  // What the provider has been authorized for, and the merchant has yet to choose of.
  std::optional<store::ProviderGrant> given{};
};
Result<ConnectionView> view_connection(const ConnectionWord& word, sql::Transaction& tx);

}  // namespace paylink::app
