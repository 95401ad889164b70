#include "database.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace paylink::scenario {
namespace {

bool is_url(const std::string& name) { return name.starts_with("postgres"); }

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionPointer = std::unique_ptr<PGconn, CloseConnection>;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ClearResult>;

ResultPointer execute(PGconn* connection, const std::string& statement) {
  ResultPointer result(PQexec(connection, statement.c_str()));
  const auto status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      << statement << ": " << PQerrorMessage(connection);
  return result;
}

// Every organization's rows are seen.
ConnectionPointer connect(const std::string& url) {
  ConnectionPointer connection(PQconnectdb(url.c_str()));
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  execute(connection.get(), "SET paylink.tenant = '*'");
  return connection;
}

std::string server_url() {
  const char* const url = std::getenv("PAYLINK_POSTGRES");
  if (url == nullptr) throw std::runtime_error("PAYLINK_POSTGRES is not set; run this by tools/postgres run");
  return url;
}

std::vector<std::string> column_of_url(const std::string& url, const std::string& select) {
  const ConnectionPointer connection = connect(url);
  const ResultPointer result = execute(connection.get(), select);
  std::vector<std::string> found;
  for (int row = 0; row < PQntuples(result.get()); ++row) found.emplace_back(PQgetvalue(result.get(), row, 0));
  return found;
}

std::vector<std::string> column_of_file(const std::string& file, const std::string& select) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::vector<std::string> found;
  int result = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_busy_timeout(database, 5000);
  if (result == SQLITE_OK) result = sqlite3_prepare_v2(database, select.c_str(), -1, &statement, nullptr);
  while (result == SQLITE_OK || result == SQLITE_ROW) {
    result = sqlite3_step(statement);
    const auto* text = result == SQLITE_ROW ? sqlite3_column_text(statement, 0) : nullptr;
    if (result == SQLITE_ROW) found.emplace_back(text != nullptr ? reinterpret_cast<const char*>(text) : "");
  }
  EXPECT_EQ(result, SQLITE_DONE) << select << ": " << sqlite3_errmsg(database);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return found;
}

void execute_in_file(const std::string& file, const std::string& statements) {
  sqlite3* database = nullptr;
  int result = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_busy_timeout(database, 5000);
  if (result == SQLITE_OK) result = sqlite3_exec(database, statements.c_str(), nullptr, nullptr, nullptr);
  EXPECT_EQ(result, SQLITE_OK) << statements << ": " << sqlite3_errmsg(database);
  sqlite3_close(database);
}

}  // namespace

bool is_on_postgres() {
  const char* const named = std::getenv("PAYLINK_TEST_ENGINE");
  if (named == nullptr || std::string_view(named) == "sqlite") return false;
  if (std::string_view(named) != "postgres") throw std::runtime_error("PAYLINK_TEST_ENGINE is sqlite or postgres");
  return true;
}

Storage::Storage(const std::string& data_dir) : name_(data_dir + "/paylink.db"), words_({"--data-dir", data_dir}) {
  if (!is_on_postgres()) return;
  static std::atomic<int> count = 0;
  schema_ = "scenario_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  name_ = server_url() + "?options=-csearch_path%3D" + schema_;
  words_.insert(words_.end(), {"--database", name_});
  execute(connect(server_url()).get(), "CREATE SCHEMA " + schema_);
}

Storage::~Storage() {
  if (!schema_.empty()) execute(connect(server_url()).get(), "DROP SCHEMA " + schema_ + " CASCADE");
}

std::vector<std::string> column(const std::string& name, const std::string& select) {
  return is_url(name) ? column_of_url(name, select) : column_of_file(name, select);
}

std::string value(const std::string& name, const std::string& select) {
  const auto found = column(name, select);
  return found.empty() ? std::string() : found.front();
}

void execute(const std::string& name, const std::string& statements) {
  if (is_url(name))
    execute(connect(name).get(), statements);
  else
    execute_in_file(name, statements);
}

std::string id_literal(const std::string& id) {
  if (is_on_postgres()) return "'" + id + "'";
  std::string digits;
  for (const char c : id)
    if (c != '-') digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return "X'" + digits + "'";
}

Stall::Stall(const std::string& name) : connection_(nullptr) {
  if (is_url(name)) {
    PGconn* const connection = connect(name).release();
    execute(connection, "BEGIN; LOCK TABLE payment_links IN EXCLUSIVE MODE");
    connection_ = connection;
    return;
  }
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(name.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  sqlite3_busy_timeout(database, 2000);
  EXPECT_EQ(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  connection_ = database;
}

Stall::~Stall() {
  if (is_on_postgres())
    PQfinish(static_cast<PGconn*>(connection_));
  else
    sqlite3_close(static_cast<sqlite3*>(connection_));
}

}  // namespace paylink::scenario
