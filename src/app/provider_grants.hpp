#pragma once

#include <string>
#include <vector>

#include "app/payment_provider.hpp"
#include "app/provider_connect.hpp"
#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"
#include "store/connections.hpp"
#include "store/provider_grants.hpp"

namespace paylink::app {

using store::ProviderGrant;
using store::ProviderGrantState;

// What speaks for the merchant of a connection: its key, or the access token of its grant. A grant that is gone has
// none: its access is empty, and no provider takes it. Fails when what is sealed does not open.
Result<ProviderAccess> access_of(const store::Connection& connection, const crypto::KeyRing& keys,
                                 sql::Transaction& tx);
// The same, with the latest token of its grant.
Result<ProviderAccess> access_of(const store::Connection& connection, const ProviderGrant& grant,
                                 const crypto::KeyRing& keys);

// Seals tokens that were issued to this application into a grant, which is to be stored then, and says when they are to
// be renewed.
void keep_tokens(ProviderGrant& grant, const ProviderTokens& tokens, std::string_view client_id,
                 const crypto::KeyRing& keys, sql::Transaction& tx);

bool has_tokens(const ProviderGrant& grant);
// They are forgotten.
void let_go(ProviderGrant& grant, Time now);

// It has been confirmed, and speaks for its connection, or waits until the provider lets its account be paid.
Result<> confirm_grant(OrganizationId organization, ProviderGrantId id, ProviderGrantState state, sql::Transaction& tx);

// Everything that was allowed for a connection ends with it, and is revoked when nothing needs it any more.
Result<> end_grants(OrganizationId organization, ConnectionId connection, sql::Transaction& tx);

// A key, or another grant of the same account, has taken its place. For a grant it is forgotten instead of revoked: the
// provider may hold both for one and the same.
enum class Successor : std::uint8_t { grant, key };
Result<> replace_grant(OrganizationId organization, ProviderGrantId id, Successor successor, sql::Transaction& tx);

// When some of many come, so that they do not come at once: from nothing to `most`.
std::chrono::microseconds jitter(std::chrono::microseconds most, Random& random);

// Bind a grant's sealed tokens to it, and each to its use.
std::string access_token_seal(const ProviderGrant& grant);
std::string refresh_token_seal(const ProviderGrant& grant);

// The profiles of an account, as a grant keeps them.
std::string write_profiles(const std::vector<ProviderProfile>& profiles);
Result<std::vector<ProviderProfile>> read_profiles(std::string_view text);

}  // namespace paylink::app
