#include "app/idempotency.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "store/idempotency_keys.hpp"

namespace paylink::app {
namespace {

constexpr std::size_t key_length_max = 255;
constexpr std::chrono::days strict_lifetime{30};
constexpr std::chrono::minutes lax_lifetime{30};

}  // namespace

IdempotentRequest IdempotentRequest::create(const Caller& caller, std::string_view route, std::string_view key,
                                            std::string_view path, std::string_view body, Idempotency rule) {
  std::string named(caller.principal.raw());
  named.append(route).append("\n").append(key);
  // What was answered for one link is no answer for another. Where there is but one path, the key is the strict one.
  if (rule == Idempotency::lax && route.find('{') != std::string_view::npos) named.append("\n").append(path);
  std::string asked(path);
  asked.append("\n").append(body);
  return {caller.organization, crypto::sha256(named), crypto::sha256(asked), rule};
}

Result<std::optional<std::string>> read_idempotency_key(std::optional<std::string_view> qonto,
                                                        std::optional<std::string_view> standard, std::size_t fields) {
  if (fields == 0) return std::optional<std::string>();
  const auto key = qonto ? qonto : standard;
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7F; };
  const bool is_one = qonto && standard ? fields == 2 && *qonto == *standard : fields == 1;
  if (!is_one || !key || key->empty() || key->size() > key_length_max || !std::ranges::all_of(*key, printable))
    return fail(ErrorCode::invalid_input, "bad_request",
                "The idempotency key must be sent once, as 1 to 255 printable ASCII characters.");
  return std::optional<std::string>(*key);
}

Failure key_reused() {
  return fail(ErrorCode::unprocessable, "idempotency_key_reused",
              "This idempotency key was used for a different request. Use a new key.");
}

Result<std::optional<ReplayedAnswer>> find_stored_answer(const IdempotentRequest& request, sql::Transaction& tx) {
  if (!TRY(tx.try_claim(request.key_hash)))
    return fail(ErrorCode::conflict, "idempotency_in_progress",
                "A request with this idempotency key is still being handled.");
  auto stored = TRY(store::IdempotencyKeys(tx).find(request.organization, request.key_hash));
  const auto lifetime = request.rule == Idempotency::strict ? std::chrono::minutes(strict_lifetime) : lax_lifetime;
  if (!stored || stored->created_at + lifetime <= tx.now()) return std::optional<ReplayedAnswer>();
  if (request.rule == Idempotency::strict && stored->fingerprint != request.fingerprint) return key_reused();
  return std::optional<ReplayedAnswer>(ReplayedAnswer{stored->status, std::move(stored->body)});
}

Result<> store_answer(const IdempotentRequest& request, int status, std::string_view body, sql::Transaction& tx) {
  return store::IdempotencyKeys(tx).put(request.organization, request.key_hash,
                                        {request.fingerprint, status, std::string(body), tx.now()});
}

}  // namespace paylink::app
