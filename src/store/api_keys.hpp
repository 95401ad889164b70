#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct NewApiKey {
  OrganizationId organization;
  ApiKeyId id;
  std::string name;
  std::string secret_hash;
  std::string secret_end;  // the last characters of the secret, to know it by
  std::string scopes;      // names, separated by spaces
  std::string created_by;
  std::optional<Time> expires_at;
};

// What may be shown of a key.
struct ApiKey {
  ApiKeyId id;
  std::string name;
  std::string secret_end;
  std::string scopes;
  std::string created_by;
  Time created_at;
  std::optional<Time> expires_at;
  std::optional<Time> last_used_at;
};

// The API keys of organizations, as those who look after them see them; Credentials finds out whom one stands for.
class ApiKeys {
 public:
  explicit ApiKeys(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const NewApiKey& key);
  // Neither revoked nor expired.
  Result<std::int64_t> count_live(OrganizationId organization);
  // Those not revoked, at most `limit`: the live ones, then the expired ones, each newest first.
  Result<std::vector<ApiKey>> list(OrganizationId organization, int limit);
  // Those not revoked whose secret ends so, live ones first, at most `limit`.
  Result<std::vector<ApiKey>> find_by_end(OrganizationId organization, std::string_view secret_end, int limit);
  // One that is not revoked.
  Result<std::optional<ApiKey>> find(OrganizationId organization, ApiKeyId id);
  // Whether there was such a key that was not revoked.
  Result<bool> revoke(OrganizationId organization, ApiKeyId id);
  // Deletes at most `limit` that expired, and at most `limit` that were revoked, before `before`; of all organizations.
  // Answers how many.
  Result<int> purge(Time before, int limit);
  // Never goes back.
  Result<> record_use(OrganizationId organization, ApiKeyId id, Time used_at);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
