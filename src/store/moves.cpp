#include "store/moves.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_moves =
    "SELECT table_name, source, last_key, row_count, copied_at, finished_at FROM moves ORDER BY table_name";

constexpr std::string_view insert_move =
    "INSERT INTO moves (table_name, source, last_key, row_count) VALUES ($1, $2, $3, 0)";

constexpr std::string_view update_progress = "UPDATE moves SET last_key = $2, row_count = $3 WHERE table_name = $1";

constexpr std::string_view update_copied = "UPDATE moves SET copied_at = $2 WHERE table_name = $1";

constexpr std::string_view update_finished = "UPDATE moves SET finished_at = $1";

constexpr std::string_view select_unfinished = "SELECT source FROM moves WHERE finished_at IS NULL LIMIT 1";

constexpr std::string_view insert_departure =
    "INSERT INTO departures (target, departed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

constexpr std::string_view select_departure = "SELECT target, departed_at FROM departures LIMIT 1";

constexpr std::string_view delete_departure = "DELETE FROM departures";

}  // namespace

Result<std::vector<TableMove>> Moves::all() {
  const sql::Rows rows = TRY(tx_.query(select_moves, {}));
  std::vector<TableMove> moves;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    TableMove move{.table = std::string(row.text(0)),
                   .source = std::string(row.text(1)),
                   .last_key = std::string(row.text(2)),
                   .rows = row.integer(3),
                   .is_copied = !row.is_null(4),
                   .finished_at = {}};
    if (!row.is_null(5)) move.finished_at = row.time(5);
    moves.push_back(std::move(move));
  }
  return moves;
}

Result<> Moves::begin(std::string_view table, std::string_view source) {
  return tx_.defer(insert_move, {table, source, sql::Blob{""}});
}

Result<> Moves::advance(std::string_view table, std::string_view last_key, std::int64_t rows) {
  return tx_.defer(update_progress, {table, sql::Blob{last_key}, rows});
}

Result<> Moves::end_copy(std::string_view table) { return tx_.defer(update_copied, {table, tx_.now()}); }

Result<> Moves::finish() { return tx_.defer(update_finished, {tx_.now()}); }

Result<> Moves::check_finished() {
  const sql::Rows rows = TRY(tx_.query(select_unfinished, {}));
  if (rows.empty()) return {};
  return fail(ErrorCode::conflict, "unfinished_move",
              "The move of an installation into this database has not been finished. Run the same `paylink migrate "
              "--from … --to …` again: it goes on where it stopped.");
}

Result<> Moves::depart(std::string_view target) { return tx_.defer(insert_departure, {target, tx_.now()}); }

Result<std::optional<Departure>> Moves::departure() {
  const sql::Rows rows = TRY(tx_.query(select_departure, {}));
  if (rows.empty()) return std::optional<Departure>();
  return std::optional<Departure>({std::string(rows.front().text(0)), rows.front().time(1)});
}

Result<std::optional<Departure>> Moves::stay() {
  auto departure = TRY(this->departure());
  if (departure) TRY(tx_.defer(delete_departure, {}));
  return departure;
}

Result<> Moves::check_here() {
  const auto departure = TRY(this->departure());
  if (!departure) return {};
  return fail(ErrorCode::conflict, "moved_away",
              "This installation was moved to another database at " + to_rfc3339(departure->departed_at) + " (" +
                  departure->target +
                  "). Serve that one: --database. To serve this one after all, without what has happened there since, "
                  "stop the other for good and run `paylink migrate --stay` on this one first.");
}

}  // namespace paylink::store
