#include "sql/table.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ensure.hpp"
#include "base/ids.hpp"

namespace paylink::sql {
namespace {

constexpr std::size_t number_bytes = 8, size_bytes = 4, uuid_bytes = 16;

std::optional<ColumnKind> kind_of(std::string_view type) {
  if (type == "bigint" || type == "integer" || type == "smallint") return ColumnKind::integer;
  if (type == "text" || type.starts_with("char")) return ColumnKind::text;
  if (type == "bytea") return ColumnKind::blob;
  if (type == "uuid") return ColumnKind::uuid;
  return std::nullopt;
}

void add_number(std::string& bytes, std::uint64_t number, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>((number >> (8 * i)) & 0xFF);
}

std::uint64_t take_number(std::string_view& bytes, std::size_t size) {
  ENSURE(bytes.size() >= size);
  std::uint64_t number = 0;
  for (const char byte : bytes.substr(0, size)) number = (number << 8) | static_cast<unsigned char>(byte);
  bytes.remove_prefix(size);
  return number;
}

std::string_view take_bytes(std::string_view& bytes) {
  const std::size_t size = take_number(bytes, size_bytes);
  ENSURE(bytes.size() >= size);
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

Uuid uuid_of(std::string_view bytes) {
  ENSURE(bytes.size() == uuid_bytes);
  std::array<std::uint8_t, uuid_bytes> result;
  std::ranges::transform(bytes, result.begin(), [](char byte) { return static_cast<std::uint8_t>(byte); });
  return Uuid(result);
}

Value value_of(std::string_view bytes, ColumnKind kind) {
  if (kind == ColumnKind::uuid) return uuid_of(bytes);
  if (kind == ColumnKind::blob) return Blob{bytes};
  return bytes;
}

bool fits(const Rows::Row& row, std::size_t column, ColumnKind kind) {
  if (row.is_integer(column) != (kind == ColumnKind::integer)) return false;
  return kind != ColumnKind::uuid || row.text(column).size() == uuid_bytes;
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string cell_text(const Rows::Row& row, std::size_t column, ColumnKind kind) {
  if (row.is_null(column)) return "null";
  if (row.is_integer(column)) return std::to_string(row.integer(column));
  if (kind == ColumnKind::uuid && fits(row, column, kind)) return row.uuid(column).text();
  if (kind == ColumnKind::text) return std::string(row.text(column));
  return hexadecimal(row.text(column));
}

Failure wrong_type(const Rows::Row& row, const Table& table, std::size_t column) {
  return fail(ErrorCode::internal, "wrong_type",
              "The row " + key_text(row, table) + " of " + table.name + " has in " + table.columns[column].name +
                  " what does not belong there.");
}

Result<Table> table_from(const Rows& columns, std::size_t& at) {
  Table table;
  table.name = columns[at].text(0);
  std::vector<std::pair<std::int64_t, std::size_t>> key;
  for (; at < columns.size() && columns[at].text(0) == table.name; ++at) {
    const auto row = columns[at];
    const auto kind = kind_of(row.text(2));
    if (!kind)
      return fail(ErrorCode::internal, "unknown_type",
                  "The column " + table.name + "." + std::string(row.text(1)) + " has the type " +
                      std::string(row.text(2)) + ", which cannot be moved.");
    if (row.integer(3) > 0) key.emplace_back(row.integer(3), table.columns.size());
    table.columns.push_back({std::string(row.text(1)), *kind});
  }
  if (key.empty())
    return fail(ErrorCode::internal, "no_key", "The table " + table.name + " has no primary key to move it by.");
  std::ranges::sort(key);
  for (const auto& [place, column] : key) table.key.push_back(column);
  return table;
}

}  // namespace

Result<std::vector<Table>> tables_from(const Rows& columns, const Rows& references) {
  std::vector<Table> tables;
  for (std::size_t at = 0; at < columns.size();) {
    Table table = TRY(table_from(columns, at));
    for (std::size_t i = 0; i < references.size(); ++i)
      if (references[i].text(0) == table.name) table.references.emplace(references[i].text(1));
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<std::vector<Table>> parents_first(std::vector<Table> tables) {
  std::vector<Table> ordered;
  while (!tables.empty()) {
    const auto waits_for = [&](const Table& table) {
      return std::ranges::any_of(tables, [&](const Table& other) { return table.references.contains(other.name); });
    };
    const auto next = std::ranges::find_if_not(tables, waits_for);
    if (next == tables.end())
      return fail(ErrorCode::internal, "circle",
                  "The table " + tables.front().name + " refers to itself, or waits for one that does.");
    ordered.push_back(std::move(*next));
    tables.erase(next);
  }
  return ordered;
}

std::string identifier(std::string_view name) {
  ENSURE(name.find('"') == std::string_view::npos);
  return '"' + std::string(name) + '"';
}

std::string column_names(const Table& table) {
  std::string names;
  for (const Column& column : table.columns) names += (names.empty() ? "" : ", ") + identifier(column.name);
  return names;
}

std::string insert_into(const Table& table) {
  std::string places;
  for (std::size_t i = 1; i <= table.columns.size(); ++i) places += (i == 1 ? "$" : ", $") + std::to_string(i);
  return "INSERT INTO " + identifier(table.name) + " (" + column_names(table) + ") VALUES (" + places + ")";
}

Result<> read_values(const Rows::Row& row, const Table& table, std::vector<Value>& values) {
  values.clear();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (row.is_null(i))
      values.emplace_back(Null{});
    else if (!fits(row, i, column.kind))
      return wrong_type(row, table, i);
    else if (column.kind == ColumnKind::integer)
      values.emplace_back(row.integer(i));
    else
      values.push_back(value_of(row.text(i), column.kind));
  }
  return {};
}

Result<std::string> key_of(const Rows::Row& row, const Table& table) {
  std::string key;
  for (const std::size_t column : table.key) {
    if (row.is_null(column) || !fits(row, column, table.columns[column].kind)) return wrong_type(row, table, column);
    if (table.columns[column].kind == ColumnKind::integer) {
      add_number(key, static_cast<std::uint64_t>(row.integer(column)), number_bytes);
      continue;
    }
    const std::string_view bytes = row.text(column);
    add_number(key, bytes.size(), size_bytes);
    key += bytes;
  }
  return key;
}

std::string key_text(const Rows::Row& row, const Table& table) {
  std::string text;
  for (const std::size_t column : table.key)
    text += (text.empty() ? "" : ", ") + table.columns[column].name + " " +
            cell_text(row, column, table.columns[column].kind);
  return text;
}

std::vector<Value> key_values(std::string_view key, const Table& table) {
  std::vector<Value> values;
  for (const std::size_t column : table.key) {
    const ColumnKind kind = table.columns[column].kind;
    if (kind == ColumnKind::integer)
      values.emplace_back(static_cast<std::int64_t>(take_number(key, number_bytes)));
    else
      values.push_back(value_of(take_bytes(key), kind));
  }
  ENSURE(key.empty());
  return values;
}

int compare_keys(const Rows::Row& a, const Rows::Row& b, const Table& table) {
  for (const std::size_t column : table.key) {
    if (a.has_same(column, b)) continue;
    if (a.is_integer(column) != b.is_integer(column)) return a.is_integer(column) ? -1 : 1;
    if (a.is_integer(column)) return a.integer(column) < b.integer(column) ? -1 : 1;
    return a.text(column) < b.text(column) ? -1 : 1;
  }
  return 0;
}

}  // namespace paylink::sql
