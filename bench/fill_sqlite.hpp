#pragma once

#include <sqlite3.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fill_links.hpp"

namespace paylink::bench {

// A file that nobody else has open. What protects it from a crash is off, so one that was not finished is of no use.
class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(const std::string& file) {
    if (sqlite3_open_v2(file.c_str(), &handle_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
      die("cannot open " + file);
    run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = OFF;"
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -1500000; PRAGMA threads = 2;");
  }
  ~SqliteDatabase() override { sqlite3_close(handle_); }

  Uuid organization() override {
    Uuid id{};
    const auto blob = texts("SELECT id FROM organizations");
    if (blob.size() != 1 || blob[0][0].size() != id.size()) die("there is not one organization");
    std::copy(blob[0][0].begin(), blob[0][0].end(), id.begin());
    return id;
  }

  std::string model_items() override {
    const auto items = texts("SELECT items FROM payment_links LIMIT 1");
    if (items.empty()) die("there is no link to make others like");
    return items[0][0];
  }

  void add_organizations(const std::vector<Uuid>& ids) override {
    run("BEGIN; CREATE TEMP TABLE others (id UUID, number INTEGER)");
    sqlite3_stmt* insert = prepare("INSERT INTO others VALUES (?1, ?2)");
    for (std::size_t at = 0; at < ids.size(); ++at) {
      bind(insert, 1, ids[at]);
      sqlite3_bind_int64(insert, 2, static_cast<std::int64_t>(at) + 1);
      step(insert);
    }
    sqlite3_finalize(insert);
    for (const std::string table : {"organizations", "bank_accounts", "connections", "api_keys"}) {
      const std::string key = table == "organizations" ? "id" : "organization_id";
      const std::map<std::string, std::string> different = {{key, "o.id"}, {"slug", "t.slug || '-' || o.number"}};
      std::string columns, values;
      for (const auto& row : texts("SELECT name FROM pragma_table_info('" + table + "')")) {
        const auto other = different.find(row[0]);
        columns += (columns.empty() ? "" : ", ") + row[0];
        values += (values.empty() ? "" : ", ") + (other == different.end() ? "t." + row[0] : other->second);
      }
      run("INSERT INTO " + table + " (" + columns + ") SELECT " + values + " FROM others o, (SELECT * FROM " + table +
          ") t");
    }
    run("DROP TABLE others; COMMIT");
  }

  void fill(Links& links, const std::function<void(const Link&)>& tell) override {
    // What the migrations made is made again by its own words.
    const auto made = texts(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'payment_links' AND type IN ('index', 'trigger')"
        " AND sql IS NOT NULL ORDER BY type");
    const std::string insert_sql = insert_like_model();
    run("PRAGMA foreign_keys = OFF; BEGIN");
    for (const auto& row : made) run("DROP " + row[0] + " " + row[1]);
    run("DELETE FROM payment_links");
    sqlite3_stmt* insert = prepare(insert_sql);
    for (std::int64_t at = 0; at < links.count(); ++at) {
      const Link link = links.next();
      bind(insert, link);
      step(insert);
      tell(link);
    }
    sqlite3_finalize(insert);
    run("COMMIT");
    for (const auto& row : made) {
      if (row[0] == "index") note(row[1]);
      run(row[2]);
    }
    count();
    run("PRAGMA journal_mode = WAL");
  }

 private:
  using Row = std::vector<std::string>;

  void run(const std::string& script) {
    char* wrong = nullptr;
    if (sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, &wrong) != SQLITE_OK) die(script + ": " + wrong);
  }

  sqlite3_stmt* prepare(const std::string& statement) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(handle_, statement.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
      die(statement + ": " + sqlite3_errmsg(handle_));
    return prepared;
  }

  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) die(sqlite3_errmsg(handle_));
    sqlite3_reset(statement);
  }

  std::vector<Row> texts(const std::string& query) {
    std::vector<Row> rows;
    sqlite3_stmt* statement = prepare(query);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      rows.emplace_back();
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
        rows.back().emplace_back(bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
      }
    }
    sqlite3_finalize(statement);
    return rows;
  }

  // ?1 to ?11 as `bind` gives them, and every other column as it is in the model.
  std::string insert_like_model() {
    const std::map<std::string, std::string> different = {
        {"organization_id", "?1"}, {"id", "?2"},           {"resource_id", "?3"},          {"status", "?4"},
        {"amount_minor", "?5"},    {"items", "?6"},        {"created_at", "?7"},           {"updated_at", "?8"},
        {"expiration_date", "?9"}, {"canceled_at", "?10"}, {"expires_effective_at", "?11"}};
    std::string columns, values;
    for (const auto& row : texts("SELECT name FROM pragma_table_info('payment_links')")) {
      const auto found = different.find(row[0]);
      columns += (columns.empty() ? "" : ", ") + row[0];
      values += (values.empty() ? "" : ", ") +
                (found == different.end() ? texts("SELECT quote(" + row[0] + ") FROM payment_links LIMIT 1")[0][0]
                                          : found->second);
    }
    return "INSERT INTO payment_links (" + columns + ") VALUES (" + values + ")";
  }

  static void bind(sqlite3_stmt* statement, int at, const Uuid& id) {
    sqlite3_bind_blob(statement, at, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
  }
  static void bind(sqlite3_stmt* statement, int at, std::string_view text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  static void bind(sqlite3_stmt* statement, int at, const std::optional<std::int64_t>& number) {
    if (number)
      sqlite3_bind_int64(statement, at, *number);
    else
      sqlite3_bind_null(statement, at);
  }
  static void bind(sqlite3_stmt* statement, const Link& link) {
    bind(statement, 1, link.organization);
    bind(statement, 2, link.id);
    bind(statement, 3, link.resource_id);
    bind(statement, 4, link.status);
    sqlite3_bind_int64(statement, 5, link.amount_minor);
    bind(statement, 6, std::string_view(link.items));
    sqlite3_bind_int64(statement, 7, link.created_at);
    sqlite3_bind_int64(statement, 8, link.updated_at);
    sqlite3_bind_int64(statement, 9, link.expiration_date);
    bind(statement, 10, link.canceled_at);
    bind(statement, 11, link.expires_effective_at);
  }

  void count() {
    if (texts("SELECT name FROM sqlite_master WHERE name = 'payment_link_counts'").empty()) return;
    note("counts");
    run("BEGIN; DELETE FROM payment_link_counts; " + std::string(count_links) + "; COMMIT");
  }

  sqlite3* handle_ = nullptr;
};

}  // namespace paylink::bench
