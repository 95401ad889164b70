#include "app/master_key.hpp"

#include "crypto/encoding.hpp"
#include "store/settings.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view mark_name = "master_key_mark";

std::string mark_of(const crypto::KeyRing& keys) { return crypto::to_hex(keys.sign_form("master key")); }

// Whether there is a mark, and it is that of these keys.
Result<bool> is_known(const crypto::KeyRing& keys, sql::Transaction& tx) {
  const auto known = TRY(store::Settings(tx).find(mark_name));
  if (!known || *known == mark_of(keys)) return known.has_value();
  return fail(
      ErrorCode::invalid_input, "other_key",
      "The data was made with another master key. Give the key file that belongs to it (--key-file), or another "
      "data directory (--data-dir). Nothing was changed.");
}

}  // namespace

Result<> check_master_key(const crypto::KeyRing& keys, sql::Transaction& tx) {
  if (TRY(is_known(keys, tx))) return {};
  return store::Settings(tx).put(mark_name, mark_of(keys));
}

Result<> refuse_other_key(const crypto::KeyRing& keys, sql::Transaction& tx) {
  TRY(is_known(keys, tx));
  return {};
}

}  // namespace paylink::app
