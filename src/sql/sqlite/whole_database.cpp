#include "sql/sqlite/whole_database.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace paylink::sql::sqlite {
namespace {

constexpr std::string_view select_columns = R"sql(
  SELECT m.name, c.name, lower(c.type), c.pk
  FROM sqlite_master m JOIN pragma_table_info(m.name) c
  WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  ORDER BY m.name, c.name
)sql";

constexpr std::string_view select_references = R"sql(
  SELECT DISTINCT m.name, f."table"
  FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
  WHERE m.type = 'table'
)sql";

// Page by page: the primary key's index finds the first row of each.
class SqliteScan final : public Scan {
 public:
  SqliteScan(WholeDatabase& database, Transaction& tx, const Table& table, std::string after)
      : tx_(tx), table_(table), last_(std::move(after)) {
    std::string key, places;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
      key += (i == 0 ? "" : ", ") + identifier(table.columns[table.key[i]].name);
      places += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
    }
    const std::string select = "SELECT " + column_names(table) + " FROM " + identifier(table.name);
    first_ = database.keep(select + " ORDER BY " + key + " LIMIT $1");
    later_ = database.keep(select + " WHERE (" + key + ") > (" + places + ") ORDER BY " + key + " LIMIT $" +
                           std::to_string(table.key.size() + 1));
  }

  Result<Rows> next(std::size_t count) override {
    std::vector<Value> values;
    if (!last_.empty()) values = key_values(last_, table_);
    values.emplace_back(static_cast<std::int64_t>(count));
    Rows rows = TRY(tx_.query(last_.empty() ? first_ : later_, values));
    if (!rows.empty()) last_ = TRY(key_of(rows[rows.size() - 1], table_));
    return rows;
  }

 private:
  Transaction& tx_;
  const Table& table_;
  std::string last_;
  std::string_view first_, later_;
};

}  // namespace

// Whoever has a file open in WAL mode holds SQLite's shared lock on it (sqlite.org/lockingv3.html; os.h for the bytes).
bool is_open_elsewhere(const std::string& path) {
  constexpr off_t shared_first = 0x40000000 + 2, shared_size = 510;
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = shared_first;
  lock.l_len = shared_size;
  const bool is_open = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return is_open;
}

Result<std::unique_ptr<WholeDatabase>> SqliteWholeDatabase::open(const std::string& path, Mode mode, Time now,
                                                                 Random& random) {
  auto connection = TRY(Connection::open(path, mode));
  return std::unique_ptr<WholeDatabase>(new SqliteWholeDatabase(path, std::move(connection), now, random));
}

Result<std::string> SqliteWholeDatabase::identity() {
  std::error_code error;
  const auto path = std::filesystem::canonical(path_, error);
  return "sqlite:" + (error ? path_ : path.string());
}

Result<std::vector<Table>> SqliteWholeDatabase::tables() {
  const Rows columns = TRY(connection_->query(select_columns, Values{}));
  const Rows references = TRY(connection_->query(select_references, Values{}));
  return tables_from(columns, references);
}

Result<> SqliteWholeDatabase::in_transaction(const Step& step) {
  TRY(connection_->begin());
  SqliteTransaction tx(*connection_, now_, random_);
  if (auto done = step(tx); !done) {
    connection_->roll_back();
    return done;
  }
  if (connection_->commit() != Commit::done) return Failure{connection_->last_error()};
  return {};
}

// Whoever takes the file somewhere else may leave its log behind.
Result<> SqliteWholeDatabase::make_whole() {
  constexpr std::chrono::seconds patience{1};
  if (TRY(connection_->restart_log(patience))) return {};
  return fail(ErrorCode::conflict, "in_use",
              "Something reads from the file " + path_ +
                  ", so that not all of it could be brought into it from its log. "
                  "Stop that, and run this again.");
}

std::unique_ptr<Scan> SqliteWholeDatabase::scan(Transaction& tx, const Table& table, std::string after) {
  return std::make_unique<SqliteScan>(*this, tx, table, std::move(after));
}

}  // namespace paylink::sql::sqlite
