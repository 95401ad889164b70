#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct StoredAnswer {
  std::string fingerprint;  // of the request that was answered
  int status;               // HTTP, 2xx
  std::string body;
  Time created_at;
};

class IdempotencyKeys {
 public:
  explicit IdempotencyKeys(sql::Transaction& tx) : tx_(tx) {}

  Result<std::optional<StoredAnswer>> find(OrganizationId organization, std::string_view key_hash);
  // Replaces what was stored for the key.
  Result<> put(OrganizationId organization, std::string_view key_hash, const StoredAnswer& answer);
  // Deletes at most `limit` answers made before `before`; the number deleted.
  Result<int> purge(Time before, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
