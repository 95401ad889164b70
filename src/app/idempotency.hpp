#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/caller.hpp"
#include "app/compat.hpp"
#include "base/result.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// A write that must happen once however often it is sent (contract.md 3): the key belongs to (organization, principal,
// route). Strict: it belongs to its request for 30 days; with another body, or for another path, it is refused. Lax,
// the original's rule: 30 minutes, whatever the body, and each path has keys of its own.
struct IdempotentRequest {
  OrganizationId organization;
  std::string key_hash;     // SHA-256 over principal, route and key; lax: and the path, where a route has many
  std::string fingerprint;  // SHA-256 over path and body
  Idempotency rule;

  static IdempotentRequest create(const Caller& caller, std::string_view route, std::string_view key,
                                  std::string_view path, std::string_view body, Idempotency rule);
};

// The key from either of the two fields, or from both when they say the same; `fields` is how many were sent in all.
// Fails with `bad_request` for an empty one, one over 255 characters or of other than printable ASCII, and for a field
// that was sent twice.
Result<std::optional<std::string>> read_idempotency_key(std::optional<std::string_view> qonto,
                                                        std::optional<std::string_view> standard, std::size_t fields);

struct ReplayedAnswer {
  int status;
  std::string body;
};

// The answer given to this request before, byte for byte; absent when it is new, and then this transaction alone
// decides. Fails with `idempotency_key_reused` (unprocessable) or `idempotency_in_progress` (conflict).
Result<std::optional<ReplayedAnswer>> find_stored_answer(const IdempotentRequest& request, sql::Transaction& tx);

// The key belongs to another request.
Failure key_reused();

// Keeps a 2xx answer, in the transaction of its effect.
Result<> store_answer(const IdempotentRequest& request, int status, std::string_view body, sql::Transaction& tx);

}  // namespace paylink::app
