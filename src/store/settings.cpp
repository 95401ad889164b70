#include "store/settings.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_setting = "SELECT value FROM settings WHERE name = $1";

constexpr std::string_view upsert_setting =
    "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

}  // namespace

Result<std::optional<std::string>> Settings::find(std::string_view name) {
  const sql::Rows rows = TRY(tx_.query(select_setting, {name}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::string(rows.front().text(0)));
}

Result<> Settings::put(std::string_view name, std::string_view value) {
  return tx_.defer(upsert_setting, {name, value});
}

}  // namespace paylink::store
