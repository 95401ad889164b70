#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/transaction.hpp"

namespace paylink::store {

// How far one table of a move into this database has come.
struct TableMove {
  std::string table;
  std::string source;    // sql::WholeDatabase::identity
  std::string last_key;  // of the last row that is here (sql::key_of); empty before the first
  std::int64_t rows = 0;
  bool is_copied = false;
  std::optional<Time> finished_at;  // compared as well, and all others too
};

// Where an installation was moved to.
struct Departure {
  std::string target;  // sql::WholeDatabase::identity
  Time departed_at;
};

class Moves {
 public:
  explicit Moves(sql::Transaction& tx) : tx_(tx) {}

  Result<std::vector<TableMove>> all();
  Result<> begin(std::string_view table, std::string_view source);
  // In the transaction that brings the rows.
  Result<> advance(std::string_view table, std::string_view last_key, std::int64_t rows);
  Result<> end_copy(std::string_view table);
  Result<> finish();
  // Fails with `unfinished_move` where only a part of an installation may be: nobody may serve that.
  Result<> check_finished();

  // Of what is here and was moved to `target`. Once; to the same one again changes nothing.
  Result<> depart(std::string_view target);
  Result<std::optional<Departure>> departure();
  // It stays after all. Absent: it had not been moved.
  Result<std::optional<Departure>> stay();
  // Fails with `moved_away` when it was: nobody may serve it here. The message is for operators alone.
  Result<> check_here();

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
