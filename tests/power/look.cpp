#include "look.hpp"

#include <exception>

#include "app/idempotency.hpp"
#include "checks.hpp"
#include "disk_vfs.hpp"
#include "sqlite_reader.hpp"
#include "store/ledger.hpp"

namespace paylink::power {
namespace {

using sql::sqlite::Connection;

constexpr std::string_view select_tables =
    "SELECT t.name, (SELECT COUNT(*) FROM pragma_table_info(t.name)) FROM sqlite_schema t WHERE t.type = 'table' "
    "ORDER BY t.name";
constexpr std::string_view integrity_check = "PRAGMA integrity_check";
constexpr std::string_view count_links = "SELECT status FROM payment_links WHERE id = $1";
constexpr std::string_view select_attempt = "SELECT state FROM attempts WHERE id = $1";
constexpr std::string_view select_refund = "SELECT state FROM refunds WHERE id = $1";
constexpr std::string_view select_titled = "SELECT status FROM payment_links WHERE items = $1";

constexpr int broken_told = 3;  // promises of one image

struct Table {
  std::string select;  // the connection knows a statement by its address
  std::size_t columns;
};

Result<std::vector<Table>> tables_of(Connection& connection) {
  const sql::Rows rows = TRY(connection.query(select_tables, sql::Values{}));
  std::vector<Table> tables;
  for (std::size_t i = 0; i < rows.size(); ++i)
    tables.push_back({"SELECT * FROM " + std::string(rows[i].text(0)), static_cast<std::size_t>(rows[i].integer(1))});
  return tables;
}

// They are the same in every database of this version.
Result<const std::vector<Table>*> tables(Connection& connection) {
  static std::vector<Table> known;
  if (known.empty()) known = TRY(tables_of(connection));
  return &known;
}

void append(std::string& bytes, const sql::Rows& rows, std::size_t columns) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    for (std::size_t column = 0; column < columns; ++column) {
      if (row.is_null(column)) {
        bytes += "n;";
      } else if (row.is_integer(column)) {
        bytes += 'i' + std::to_string(row.integer(column)) + ';';
      } else {
        const std::string_view text = row.text(column);
        (bytes += 't' + std::to_string(text.size()) + ';') += text;
      }
    }
  }
}

Result<std::uint64_t> content_of(Connection& connection) {
  std::string bytes;
  for (const Table& table : *TRY(tables(connection))) {
    const sql::Rows rows = TRY(connection.query(table.select, sql::Values{}));
    (bytes += table.select) += '\n';
    append(bytes, rows, table.columns);
  }
  return std::hash<std::string>()(bytes);
}

Result<> check_structure(Connection& connection) {
  const sql::Rows rows = TRY(connection.query(integrity_check, sql::Values{}));
  if (rows.size() == 1 && rows.front().text(0) == "ok") return {};
  return fail(ErrorCode::internal, "corrupt", "", "integrity_check: " + std::string(rows.front().text(0)));
}

Result<std::uint64_t> rows_of(World& world) {
  const auto connection = TRY(open_storage(world));
  return content_of(*connection);
}

Result<std::uint64_t> bytes_of(World& world, const Disk& disk) {
  TRY(open_storage(world));
  const auto file = disk.find(database_path);
  if (file == nullptr) return fail(ErrorCode::internal, "gone", "", "there is no database");
  return std::hash<std::string>()(file->bytes);
}

// What throws is a database that holds what the program never stores.
template <class See>
Look guarded(See see) {
  try {
    const Result<std::uint64_t> content = see();
    if (!content) return {content.error().reason + ": " + content.error().detail, 0};
    return {"", *content};
  } catch (const std::exception& exception) {
    return {exception.what(), 0};
  }
}

// "": there is none.
Result<std::string> word_of(std::string_view statement, const sql::Value& key, sql::Transaction& tx) {
  const sql::Rows rows = TRY(tx.query(statement, {key}));
  return rows.empty() ? std::string() : std::string(rows.front().text(0));
}

bool leads_to(const std::string& told, const std::string& stored) {
  const auto from = attempt_state_names.parse(told), to = attempt_state_names.parse(stored);
  return from && to && paylink::leads_to(*from, *to);
}

Result<bool> is_kept(const Promise& promise, World& world, sql::Transaction& tx) {
  using enum Promise::Kind;
  switch (promise.kind) {
    case link: {
      const auto status = TRY(word_of(count_links, *Uuid::parse(promise.key), tx));
      return !status.empty() && (promise.value.empty() || status == promise.value);
    }
    case attempt:
      return leads_to(promise.value, TRY(word_of(select_attempt, *Uuid::parse(promise.key), tx)));
    case refund:
      return !TRY(word_of(select_refund, *Uuid::parse(promise.key), tx)).empty();
    case answer: {
      const auto request = app::IdempotentRequest::create(world.caller(), "POST /v2/payment_links", promise.key, "/",
                                                          promise.key, app::Idempotency::strict);
      const auto stored = TRY(app::find_stored_answer(request, tx));
      return stored && stored->body == promise.value;
    }
    case no_link:
      return TRY(word_of(select_titled, R"([{"title":")" + promise.key + "\"}]", tx)).empty();
  }
  return false;
}

std::string say(const Promise& promise) {
  static constexpr std::string_view kinds[] = {"link", "attempt", "refund", "answer to", "no link for"};
  return "promised: " + std::string(kinds[static_cast<std::size_t>(promise.kind)]) + " " + promise.key + " " +
         promise.value;
}

Result<std::string> find_complaints(const std::vector<Promise>& promises, World& world) {
  const auto connection = TRY(open_storage(world));
  TRY(check_structure(*connection));
  sql::sqlite::SqliteTransaction tx(*connection, world.clock.now(), world.random);
  std::string found;
  const auto violations = TRY(store::Ledger(tx).violations(10));
  for (const std::string& violation : violations) found += violation + "; ";
  int broken = 0;
  for (const Promise& promise : promises) {
    const bool is_so = TRY(is_kept(promise, world, tx));
    if (!is_so && ++broken <= broken_told) found += say(promise) + "; ";
  }
  return found + (broken > broken_told ? "and " + std::to_string(broken - broken_told) + " more promises" : "");
}

}  // namespace

Look look_at_bytes(World& world, std::shared_ptr<Disk> disk) {
  mount(disk);
  return guarded([&] { return bytes_of(world, *disk); });
}

Look look_at_rows(World& world) {
  return guarded([&] { return rows_of(world); });
}

std::string complaints(const std::vector<Promise>& promises, World& world) {
  const auto found = find_complaints(promises, world);
  if (!found) return found.error().reason + ": " + found.error().detail;
  faults::Violations rows;
  if (found->empty()) faults::DatabaseChecks({}, rows).check_rows(faults::SqliteReader(database_path));
  return *found + rows.summary();
}

}  // namespace paylink::power
