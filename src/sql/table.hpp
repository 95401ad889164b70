#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sql/transaction.hpp"

namespace paylink::sql {

enum class ColumnKind : std::uint8_t { integer, text, blob, uuid };

struct Column {
  std::string name;
  ColumnKind kind;

  bool operator==(const Column&) const = default;
};

// A table as an engine's catalog has it, told alike by every engine.
struct Table {
  std::string name;
  std::vector<Column> columns;       // by name
  std::vector<std::size_t> key;      // which of them are the primary key, in its order
  std::set<std::string> references;  // the tables its foreign keys name

  bool operator==(const Table&) const = default;
};

// Tables by name, from what a catalog says: of each column its table, name, type in small letters and place in the
// primary key (from 1; 0: none), ordered by the first two; of each foreign key its table and the one it names. Fails
// with `unknown_type` for a column that no engine of ours is known to bring back as it was.
Result<std::vector<Table>> tables_from(const Rows& columns, const Rows& references);

// Each table after those it refers to, else by name. Fails with `circle` when there is no such order.
Result<std::vector<Table>> parents_first(std::vector<Table> tables);

// A name as SQL writes it, and the names of all columns of a table.
std::string identifier(std::string_view name);
std::string column_names(const Table& table);
// Takes the columns' values in their order.
std::string insert_into(const Table& table);

// The values of a row of all columns of `table`, into `values`, as views of it. Fails with `wrong_type` for a cell that
// is not what its column says, which SQLite lets happen.
Result<> read_values(const Rows::Row& row, const Table& table, std::vector<Value>& values);

// The key of such a row as bytes, to be kept, which fails in the same way; and as a person reads it.
Result<std::string> key_of(const Rows::Row& row, const Table& table);
std::string key_text(const Rows::Row& row, const Table& table);
// What `key_of` kept, as views of it.
std::vector<Value> key_values(std::string_view key, const Table& table);

// Which of two rows comes first, by their keys: numbers by value, all else by its bytes. Negative: `a`; 0: the same.
int compare_keys(const Rows::Row& a, const Rows::Row& b, const Table& table);

}  // namespace paylink::sql
