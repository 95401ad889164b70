#include "sql/sqlite/upkeep.hpp"

#include <algorithm>
#include <chrono>

namespace paylink::sql::sqlite {
namespace {

constexpr std::string_view vacuum_mode = "PRAGMA auto_vacuum";
constexpr std::string_view count_all_pages = "PRAGMA page_count";
constexpr std::string_view count_free_pages = "PRAGMA freelist_count";
// Each moves a page from the end of the file to where a free one is, or takes a free one from the end.
constexpr std::string_view give_back_some = "PRAGMA incremental_vacuum(8)";
constexpr std::int64_t incremental = 2;

constexpr std::chrono::milliseconds time_max{3};
constexpr int pieces_max = 64;

constexpr std::string_view count_statistics = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat1'";
constexpr std::string_view empty_statistics = "DELETE FROM sqlite_stat1";
// Reads what is there, which is nothing, in place of what this connection knows. The others do it by themselves.
constexpr std::string_view read_statistics = "ANALYZE sqlite_master";
constexpr std::string_view drop_statistics = "DROP TABLE sqlite_stat1";

Result<std::int64_t> ask(std::string_view question, Transaction& tx) {
  const Rows rows = TRY(tx.query(question, Values{}));
  return rows.front().integer(0);
}

Result<bool> has_too_many_free_pages(Transaction& tx, std::int64_t kept_min) {
  const std::int64_t pages = TRY(ask(count_all_pages, tx));
  const std::int64_t free_pages = TRY(ask(count_free_pages, tx));
  return free_pages > std::max(kept_min, pages / 10);
}

}  // namespace

Result<bool> give_back_free_pages(Transaction& tx, std::int64_t kept_min) {
  const std::int64_t mode = TRY(ask(vacuum_mode, tx));
  if (mode != incremental) return false;
  const auto end = std::chrono::steady_clock::now() + time_max;
  for (int piece = 0; piece < pieces_max && std::chrono::steady_clock::now() < end; ++piece) {
    const bool has_too_many = TRY(has_too_many_free_pages(tx, kept_min));
    if (!has_too_many) return false;
    TRY(tx.query(give_back_some, Values{}));
  }
  return has_too_many_free_pages(tx, kept_min);
}

Result<bool> forget_statistics(Transaction& tx) {
  const std::int64_t tables = TRY(ask(count_statistics, tx));
  if (tables == 0) return false;
  for (const std::string_view step : {empty_statistics, read_statistics, drop_statistics})
    TRY(tx.query(step, Values{}));
  return true;
}

}  // namespace paylink::sql::sqlite
