#include "app/master_key.hpp"

#include "crypto/encoding.hpp"
#include "store/settings.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view mark_name = "master_key_mark";

}  // namespace

Result<> check_master_key(const crypto::KeyRing& keys, sql::Transaction& tx) {
  store::Settings settings(tx);
  const std::string mark = crypto::to_hex(keys.sign_form("master key"));
  const auto known = TRY(settings.find(mark_name));
  if (!known) return settings.put(mark_name, mark);
  if (*known == mark) return {};
  return fail(
      ErrorCode::invalid_input, "other_key",
      "The data was made with another master key. Give the key file that belongs to it (--key-file), or another "
      "data directory (--data-dir). Nothing was changed.");
}

}  // namespace paylink::app
