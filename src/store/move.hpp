#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/whole_database.hpp"
#include "store/moves.hpp"

namespace paylink::store {

// Moving an installation: every row of every table of the schema from one database into another of either engine, in an
// order that foreign keys allow, a few at a time, each time in one commit with how far it has come. When all are there,
// both sides are read once more and compared cell by cell; then the source is left, and the target finished, in this
// order: at no moment may both be served. Killed at any moment, it goes on when it is run again.

enum class MovePhase : std::uint8_t { copying, comparing };

struct MoveProgress {
  MovePhase phase;
  std::string_view table;
  std::int64_t rows;  // of this table, this far
};

struct MoveOptions {
  std::size_t chunk_rows = 1'000;  // of one commit, at most; fewer when they are large
  std::function<void(const MoveProgress&)> report;
};

// Writes into the source, which was opened for reading, that it is in the target (its identity) now: Moves::depart.
using LeaveSource = std::function<Result<>(const std::string& target)>;

struct MovedTable {
  std::string name;
  std::int64_t rows;
};

struct MoveOutcome {
  std::vector<MovedTable> tables;
  std::vector<std::string>
      differences;  // a sentence each, the first of its table; nothing is finished when there are any
};

// What is moved: all tables but those with which an engine, or a move, keeps its own books.
Result<std::vector<sql::Table>> movable_tables(sql::WholeDatabase& database);

enum class TargetState : std::uint8_t { empty, unfinished, finished };

// What is in a database that `source` is to be moved into, whatever its schema. Fails with `target_not_empty` when that
// is anything but a move from there.
Result<TargetState> look_at_target(sql::WholeDatabase& target, const std::string& source);

// Fails with `no_installation`, `schema_too_old`, `schema_too_new` or `unfinished_move` unless it is a whole
// installation of the newest schema of `migrations()`; with `moved_away` when it was moved anywhere but to `target` as
// that is now, and with `served_again` when it was moved there and is not where it was moved from any more.
Result<> check_source(sql::WholeDatabase& source, const std::string& target, TargetState state);

// The move itself, or the rest of it. `target` has the newest schema and is what `look_at_target` allows. Fails with
// `schemas_differ` when the two do not have the same tables and columns, and as sql::WholeDatabase::make_whole does:
// then it may be finished already.
Result<MoveOutcome> move_installation(sql::WholeDatabase& source, sql::WholeDatabase& target,
                                      const LeaveSource& leave_source, const MoveOptions& options);

}  // namespace paylink::store
