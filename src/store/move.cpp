#include "store/move.hpp"

#include <algorithm>
#include <array>

#include "store/migrations.hpp"
#include "store/row_stream.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_version = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";

bool has_table(const std::vector<sql::Table>& tables, std::string_view name) {
  return std::ranges::find(tables, name, &sql::Table::name) != tables.end();
}

// Books of an engine or of a move, which are never moved.
bool is_bookkeeping(const sql::Table& table) {
  constexpr std::array names = {"schema_migrations", "moves",         "departures",
                                "lane_batches",      "count_changes", "count_followers"};
  return std::ranges::find(names, table.name) != names.end();
}

std::vector<sql::Table> without_bookkeeping(std::vector<sql::Table> tables) {
  std::erase_if(tables, is_bookkeeping);
  return tables;
}

Failure not_empty(const std::string& what) {
  return fail(ErrorCode::conflict, "target_not_empty", "The target " + what + " Nothing was changed.");
}

class Mover {
 public:
  Mover(sql::WholeDatabase& source, sql::WholeDatabase& target, const LeaveSource& leave_source,
        const MoveOptions& options)
      : source_(source), target_(target), leave_source_(leave_source), options_(options) {}

  // One moment of the source is copied and compared, whatever happens to it meanwhile.
  Result<MoveOutcome> run() {
    tables_ = TRY(movable_tables(source_));
    if (auto there = TRY(movable_tables(target_)); there != tables_)
      return fail(ErrorCode::internal, "schemas_differ", "The source and the target do not have the same tables.");
    TRY(begin());
    TRY(source_.in_transaction([this](sql::Transaction& from) { return copy_and_compare(from); }));
    if (!outcome_.differences.empty()) return std::move(outcome_);
    TRY(target_.settle());
    // What says that it is finished must not come before the rows do.
    TRY(target_.make_whole());
    const std::string target = TRY(target_.identity());
    TRY(leave_source_(target));
    TRY(target_.in_transaction([](sql::Transaction& to) { return Moves(to).finish(); }));
    TRY(target_.make_whole());
    return std::move(outcome_);
  }

 private:
  void report(MovePhase phase, const sql::Table& table, std::int64_t rows) const {
    if (options_.report) options_.report({phase, table.name, rows});
  }

  // Every table has its row from the start: where one is without, the move is not finished.
  Result<> begin() {
    const std::string source = TRY(source_.identity());
    return target_.in_transaction([&](sql::Transaction& to) -> Result<> {
      begun_ = TRY(Moves(to).all());
      TRY(Moves(to).stay());  // whatever was here once, and has left
      for (const sql::Table& table : tables_) {
        if (std::ranges::find(begun_, table.name, &TableMove::table) != begun_.end()) continue;
        TRY(Moves(to).begin(table.name, source));
      }
      return {};
    });
  }

  Result<> copy_and_compare(sql::Transaction& from) {
    for (const sql::Table& table : tables_) TRY(copy(table, from));
    return target_.in_transaction([&](sql::Transaction& to) { return compare_all(from, to); });
  }

  TableMove begun(const sql::Table& table) const {
    const auto found = std::ranges::find(begun_, table.name, &TableMove::table);
    return found == begun_.end() ? TableMove{} : *found;
  }

  Result<> copy(const sql::Table& table, sql::Transaction& from) {
    TableMove move = begun(table);
    if (move.is_copied) return {};
    const auto scan = source_.scan(from, table, move.last_key);
    Pace pace(options_.chunk_rows);
    for (bool is_last = false; !is_last;) {
      const std::size_t wanted = pace.rows();
      const sql::Rows rows = TRY(scan->next(wanted));
      pace.learn(rows);
      is_last = rows.size() < wanted;
      move.rows += static_cast<std::int64_t>(rows.size());
      if (!rows.empty()) move.last_key = TRY(sql::key_of(rows[rows.size() - 1], table));
      const auto store = [&](sql::Transaction& to) -> Result<> {
        TRY(insert(rows, table, to));
        TRY(Moves(to).advance(table.name, move.last_key, move.rows));
        return is_last ? Moves(to).end_copy(table.name) : Result<>();
      };
      TRY(target_.in_transaction(store));
      report(MovePhase::copying, table, move.rows);
    }
    return {};
  }

  Result<> insert(const sql::Rows& rows, const sql::Table& table, sql::Transaction& to) {
    const std::string_view statement = target_.keep(sql::insert_into(table));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      TRY(sql::read_values(rows[i], table, values_));
      TRY(to.defer(statement, values_));
    }
    return {};
  }

  Result<> compare_all(sql::Transaction& from, sql::Transaction& to) {
    for (const sql::Table& table : tables_) TRY(compare(table, from, to));
    return {};
  }

  Result<> compare(const sql::Table& table, sql::Transaction& from, sql::Transaction& to) {
    RowStream ours(source_.scan(from, table, ""), rows_compared), theirs(target_.scan(to, table, ""), rows_compared);
    std::int64_t rows = 0;
    for (;; ++rows) {
      const bool more = TRY(ours.advance());
      const bool there = TRY(theirs.advance());
      if (!more && !there) break;
      const auto difference = difference_at(more ? &ours : nullptr, there ? &theirs : nullptr, table);
      if (!difference.empty()) {
        outcome_.differences.push_back(table.name + ": " + difference);
        break;
      }
      if (rows % report_every == 0) report(MovePhase::comparing, table, rows);
    }
    report(MovePhase::comparing, table, rows);
    outcome_.tables.push_back({table.name, rows});
    return {};
  }

  // What is different about the rows at which two streams are; null behind the end.
  static std::string difference_at(const RowStream* ours, const RowStream* theirs, const sql::Table& table) {
    const int order = ours == nullptr     ? 1
                      : theirs == nullptr ? -1
                                          : sql::compare_keys(ours->row(), theirs->row(), table);
    if (order < 0) return "the row " + sql::key_text(ours->row(), table) + " is missing in the target.";
    if (order > 0) return "the row " + sql::key_text(theirs->row(), table) + " is in the target alone.";
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      if (!ours->row().has_same(i, theirs->row()))
        return "the row " + sql::key_text(ours->row(), table) + " has another " + table.columns[i].name + ".";
    return "";
  }

  static constexpr std::size_t rows_compared = 1'000;
  static constexpr std::int64_t report_every = 1'000;

  sql::WholeDatabase& source_;
  sql::WholeDatabase& target_;
  const LeaveSource& leave_source_;
  const MoveOptions& options_;
  std::vector<sql::Table> tables_;
  std::vector<TableMove> begun_;
  std::vector<sql::Value> values_;
  MoveOutcome outcome_;
};

Result<> check_moves(const std::vector<TableMove>& moves, const std::string& source) {
  for (const TableMove& move : moves)
    if (move.source != source)
      return not_empty("holds " + std::string(move.finished_at ? "" : "a part of ") +
                       "what was moved from another database: " + move.source + ".");
  return {};
}

Result<> check_no_rows(const std::vector<sql::Table>& tables, sql::WholeDatabase& database, sql::Transaction& tx) {
  for (const sql::Table& table : tables) {
    const std::string text = "SELECT 1 FROM " + sql::identifier(table.name) + " LIMIT 1";
    const sql::Rows rows = TRY(tx.query(database.keep(text), {}));
    if (!rows.empty()) return not_empty("has data already: its table " + table.name + " is not empty.");
  }
  return {};
}

}  // namespace

Result<std::vector<sql::Table>> movable_tables(sql::WholeDatabase& database) {
  auto tables = TRY(database.tables());
  return sql::parents_first(without_bookkeeping(std::move(tables)));
}

Result<TargetState> look_at_target(sql::WholeDatabase& target, const std::string& source) {
  auto tables = target.tables();
  if (!tables && tables.error().code != ErrorCode::internal) return std::move(tables).failure();
  if (tables && tables->empty()) return TargetState::empty;
  if (!tables || !has_table(*tables, "schema_migrations")) return not_empty("has tables that are not Paylink's.");
  TargetState state = TargetState::empty;
  const auto look = [&](sql::Transaction& tx) -> Result<> {
    std::vector<TableMove> moves;
    if (has_table(*tables, "moves")) moves = TRY(Moves(tx).all());
    if (moves.empty()) return check_no_rows(without_bookkeeping(*tables), target, tx);
    const bool is_finished =
        std::ranges::all_of(moves, [](const TableMove& move) { return move.finished_at.has_value(); });
    state = is_finished ? TargetState::finished : TargetState::unfinished;
    return check_moves(moves, source);
  };
  TRY(target.in_transaction(look));
  return state;
}

Result<> check_source(sql::WholeDatabase& source, const std::string& target, TargetState state) {
  const auto tables = TRY(source.tables());
  if (!has_table(tables, "schema_migrations"))
    return fail(ErrorCode::not_found, "no_installation", "The source holds no Paylink installation.");
  return source.in_transaction([&](sql::Transaction& tx) -> Result<> {
    const sql::Rows rows = TRY(tx.query(select_version, {}));
    const std::int64_t version = rows.front().integer(0), known = migrations().back().number;
    const std::string told = "The source has schema version " + std::to_string(version) + ", this program's is " +
                             std::to_string(known) + ". ";
    if (version < known)
      return fail(
          ErrorCode::conflict, "schema_too_old",
          told +
              "A move does not bring its source up to date: run `paylink migrate --data-dir … --database …` on it "
              "first.");
    if (version > known)
      return fail(ErrorCode::conflict, "schema_too_new", told + "Move it by the newer paylink that made it.");
    if (auto whole = Moves(tx).check_finished(); !whole) {
      if (whole.error().reason != "unfinished_move") return whole;
      return fail(ErrorCode::conflict, "unfinished_move",
                  "The source is itself the target of a move that has not been finished.");
    }
    const auto departure = TRY(Moves(tx).departure());
    if (departure && (departure->target != target || state == TargetState::empty)) return Moves(tx).check_here();
    if (departure || state != TargetState::finished) return {};
    return fail(ErrorCode::conflict, "served_again",
                "The target holds what was moved there from the source, but the source can be served: it was taken "
                "back (--stay) or put back from a copy, or it was moved by an earlier version. Nothing was changed. "
                "Where the target is served, keep the source away from servers; to move what is in the source now, "
                "empty the target first.");
  });
}

Result<MoveOutcome> move_installation(sql::WholeDatabase& source, sql::WholeDatabase& target,
                                      const LeaveSource& leave_source, const MoveOptions& options) {
  return Mover(source, target, leave_source, options).run();
}

}  // namespace paylink::store
