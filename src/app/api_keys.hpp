#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"
#include "store/api_keys.hpp"

namespace paylink::app {

inline constexpr std::int64_t live_api_keys_max = 100;  // of one organization

struct CreateApiKey {
  std::string organization;  // its slug; empty: the only one there is
  std::string name;          // 1 to 64 code points without control characters; need not be unique
  std::vector<std::string> scopes;
  std::optional<std::chrono::seconds> expires_in;
  std::optional<Time> expires_at;
  std::string created_by;
};

struct CreatedApiKey {
  ApiKeyId id;
  std::string login;
  Secret secret;       // shown now and never again
  std::string scopes;  // separated by spaces
  std::optional<Time> expires_at;
};

// Each fails with `no_organization` when the slug names none, or is left out and there is not exactly one.

// Fails with `unknown_scope` (naming the known ones), `no_scope`, `bad_expiry` (not in the future) or
// `too_many_api_keys`.
Result<CreatedApiKey> create_api_key(const CreateApiKey& command, const crypto::KeyRing& keys, sql::Transaction& tx);

// Those that are not revoked, newest first, at most 1000.
Result<std::vector<store::ApiKey>> list_api_keys(std::string_view organization, sql::Transaction& tx);

// `key` is an id, or the last four characters of a secret when only one key ends so. In force within half a second, as
// runtime/caller_cache.hpp says. Fails with `no_api_key` or `several_api_keys`.
Result<store::ApiKey> revoke_api_key(std::string_view organization, std::string_view key, const std::string& by,
                                     sql::Transaction& tx);

}  // namespace paylink::app
