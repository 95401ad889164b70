#include "sql/sqlite/connection.hpp"

#include <sqlite3.h>

#include <charconv>
#include <thread>

#include "base/ensure.hpp"
#include "sql/sqlite/configure.hpp"
#include "sql/sqlite/mapped_files.hpp"
#include "sql/sqlite/stored_log.hpp"

namespace paylink::sql::sqlite {
namespace {

// Of a file that nobody has written to yet: later it could only be had by writing the whole file anew. Free pages can
// be given back a few at a time.
constexpr char new_file_settings[] = "PRAGMA auto_vacuum = INCREMENTAL";

constexpr char write_settings[] = R"sql(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA cache_size = -8192;
  PRAGMA temp_store = MEMORY;
)sql";

constexpr char read_settings[] = R"sql(
  PRAGMA query_only = ON;
  PRAGMA cache_size = -8192;
  PRAGMA temp_store = MEMORY;
)sql";

constexpr std::string_view count_pages = "PRAGMA page_count";
constexpr int busy_ms = 5000;
constexpr char map_pages[] = "PRAGMA mmap_size = 1";  // any size but 0: mapped_files decides
constexpr std::uint32_t looks_at_size_every = 1024;
constexpr int looks_at_time_every = 100'000;  // steps of a statement, of some tens of nanoseconds

constexpr std::string_view begin_write = "BEGIN IMMEDIATE";
constexpr std::string_view begin_read = "BEGIN";
constexpr std::string_view commit_statement = "COMMIT";
constexpr std::string_view rollback_statement = "ROLLBACK";
constexpr std::string_view savepoint_statement = "SAVEPOINT work";
constexpr std::string_view release_statement = "RELEASE work";
constexpr std::string_view rollback_to_statement = "ROLLBACK TO work";

Failure unavailable(std::string detail) {
  return fail(ErrorCode::unavailable, "storage_unavailable", "The storage is not available now. Try again later.",
              std::move(detail));
}

int bind(sqlite3_stmt* statement, int slot, const Value& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int slot;
    int operator()(Null) const { return sqlite3_bind_null(statement, slot); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, slot, number); }
    int operator()(std::string_view text) const {
      // An empty view may hold a null pointer, which SQLite would take for NULL.
      return sqlite3_bind_text64(statement, slot, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(Blob blob) const {
      return sqlite3_bind_blob64(statement, slot, blob.bytes.empty() ? "" : blob.bytes.data(), blob.bytes.size(),
                                 SQLITE_STATIC);
    }
    int operator()(const Uuid& uuid) const {
      return sqlite3_bind_blob(statement, slot, uuid.bytes().data(), 16, SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, slot}, value.state());
}

// Ends a run of a statement however it is left: the next one must not go on where a bug cut this one short.
class Run {
 public:
  explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
  ~Run() { sqlite3_reset(statement_); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

 private:
  sqlite3_stmt* statement_;
};

void read_row(sqlite3_stmt* statement, int columns, Rows& rows) {
  for (int column = 0; column < columns; ++column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_NULL:
        rows.add_null();
        break;
      case SQLITE_INTEGER:
        rows.add_integer(sqlite3_column_int64(statement, column));
        break;
      case SQLITE_FLOAT:
        ENSURE(false && "no column of ours holds a floating-point number");
      default: {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        rows.add_text(size == 0 ? std::string_view() : std::string_view(bytes, size));
      }
    }
  }
}

}  // namespace

// SQLite would count every allocation under a lock of the whole process; nobody reads that count. Debian's takes a path
// that begins with `file:` for a URI, and what we lock beside it is elsewhere then.
void configure_sqlite() {
  static const int counted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0), named = sqlite3_config(SQLITE_CONFIG_URI, 0);
  ENSURE(counted == SQLITE_OK && named == SQLITE_OK);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode, std::int64_t map_from) {
  const int access = mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  configure_sqlite();
  const char* const mapped = mode == Mode::read ? mapped_files() : nullptr;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, mapped);
  std::unique_ptr<Connection> connection(new Connection(handle, mode, mapped ? std::optional(map_from) : std::nullopt));
  if (code != SQLITE_OK) return connection->failure(code, "open " + path);
  sqlite3_busy_timeout(handle, busy_ms);
  if (mode == Mode::write) {
    const Rows pages = TRY(connection->query(count_pages, Values{}));
    if (pages.front().integer(0) == 0) TRY(connection->execute_script(new_file_settings));
  }
  TRY(connection->execute_script(mode == Mode::write ? write_settings : read_settings));
  return connection;
}

Connection::~Connection() {
  for (auto& [address, statement] : statements_) sqlite3_finalize(statement.handle);
  sqlite3_close(handle_);
}

Failure Connection::failure(int code, std::string_view doing) {
  std::string detail = std::string(doing) + ": " + (handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)) + " (" +
                       std::to_string(code) + ")";
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return fail(ErrorCode::unavailable, "storage_full", "There is no room to store this now. Try again later.",
                  std::move(detail));
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return fail(ErrorCode::conflict, "already_exists", "This exists already.", std::move(detail));
      return fail(ErrorCode::internal, "constraint", "Something went wrong on our side.", std::move(detail));
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_INTERRUPT:
      return unavailable(std::move(detail));
    default:
      return fail(ErrorCode::internal, "storage_error", "Something went wrong on our side.", std::move(detail));
  }
}

std::vector<std::string> Connection::scanning_statements() const {
  std::vector<std::string> found;
  for (const auto& [_, statement] : statements_)
    if (sqlite3_stmt_status(statement.handle, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) > 0)
      found.emplace_back(sqlite3_sql(statement.handle));
  return found;
}

Result<Connection::Statement*> Connection::prepare(std::string_view statement) {
  const auto known = statements_.find(statement.data());
  if (known != statements_.end()) return &known->second;
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, statement.data(), static_cast<int>(statement.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return failure(code, statement);
  Statement prepared{handle, {}};
  // SQLite numbers `$n` by first appearance; the number after the dollar is what counts.
  const int parameters = sqlite3_bind_parameter_count(handle);
  for (int i = 1; i <= parameters; ++i) {
    const std::string_view name = sqlite3_bind_parameter_name(handle, i);
    int number = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), number);
    ENSURE(number >= 1);
    prepared.slots.push_back(number - 1);
  }
  return &statements_.emplace(statement.data(), std::move(prepared)).first->second;
}

void Connection::limit_statements(std::chrono::milliseconds time) {
  statement_time_ = time;
  const auto look = [](void* connection) { return static_cast<Connection*>(connection)->has_taken_too_long() ? 1 : 0; };
  sqlite3_progress_handler(handle_, looks_at_time_every, look, this);
}

// Short statements hardly ever get here: they do not pay for asking what time it is.
bool Connection::has_taken_too_long() {
  const auto now = std::chrono::steady_clock::now();
  if (!looked_) looked_ = now;
  return now - *looked_ > statement_time_;
}

Result<Rows> Connection::query(std::string_view statement, Values values) {
  if (!in_transaction()) unreadable_before_ = unreadable_pages();
  auto rows = run(statement, values);
  if (mode_ == Mode::write || unreadable_before_ == unreadable_pages()) return rows;
  return unavailable(std::string(statement) + ": a page of the file cannot be read");
}

Result<Rows> Connection::run(std::string_view statement, Values values) {
  Statement& prepared = *TRY(prepare(statement));
  const Run run(prepared.handle);
  for (std::size_t i = 0; i < prepared.slots.size(); ++i) {
    const auto index = static_cast<std::size_t>(prepared.slots[i]);
    ENSURE(index < values.size());
    const int bound = bind(prepared.handle, static_cast<int>(i) + 1, values[index]);
    if (bound != SQLITE_OK) return failure(bound, statement);
  }
  const int columns = sqlite3_column_count(prepared.handle);
  Rows rows(static_cast<std::size_t>(columns));
  looked_.reset();
  int code = SQLITE_OK;
  while ((code = sqlite3_step(prepared.handle)) == SQLITE_ROW) read_row(prepared.handle, columns, rows);
  if (code != SQLITE_DONE) return failure(code, statement);
  return rows;
}

Result<> Connection::step(std::string_view statement) {
  TRY(query(statement, Values{}));
  return {};
}

Result<> Connection::execute_script(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code, script);
  return {};
}

Result<> Connection::map_if_large() {
  if (!map_from_ || begun_++ % looks_at_size_every != 0) return {};
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &size);
  if (code != SQLITE_OK) return failure(code, "size of the file");
  if (size < *map_from_) return {};
  map_from_ = std::nullopt;
  return execute_script(map_pages);
}

Result<> Connection::begin() {
  if (must_roll_back_) roll_back();
  if (must_roll_back_) return Failure{last_error_};
  sums_.clear();
  TRY(map_if_large());
  return step(mode_ == Mode::write ? begin_write : begin_read);
}

Result<> Connection::savepoint() {
  sums_before_savepoint_ = sums_.size();
  return step(savepoint_statement);
}

Result<> Connection::release() { return step(release_statement); }

Result<> Connection::roll_back_to() {
  sums_.shrink(sums_before_savepoint_);
  TRY(step(rollback_to_statement));
  return step(release_statement);
}

Result<> Connection::store_sums() {
  constexpr std::int64_t only_part = 0;
  for (const Sum& sum : sums_.totals())
    TRY(query(sum.statement, {{Value(sum.owner), Value(sum.name), Value(only_part), Value(sum.amount)}}));
  return {};
}

Commit Connection::commit() {
  if (must_roll_back_) {
    roll_back();
    return Commit::refused;
  }
  if (auto stored = store_sums(); !stored) {
    last_error_ = std::move(stored).error();
    roll_back();
    return Commit::refused;
  }
  auto committed = step(commit_statement);
  if (committed) return Commit::done;
  last_error_ = std::move(committed).error();
  const int code = sqlite3_errcode(handle_) & 0xFF;
  if (mode_ == Mode::read) {
    roll_back();
    return Commit::refused;
  }
  // Disk full and busy are a no, unless the commit record is there all the same. Anything else left it open.
  if (code != SQLITE_FULL && code != SQLITE_BUSY) return Commit::unknown;
  if (code == SQLITE_FULL && is_stored_all_the_same()) {
    last_error_ = unavailable(last_error_.detail + "; the log may hold all of it").error();
    return Commit::unknown;
  }
  roll_back();
  return Commit::refused;
}

void Connection::roll_back() {
  const auto is_inside = [this] { return sqlite3_get_autocommit(handle_) == 0; };
  if (is_inside())
    if (auto rolled_back = step(rollback_statement); !rolled_back) last_error_ = std::move(rolled_back).error();
  must_roll_back_ = is_inside();
}

bool Connection::in_transaction() const { return !must_roll_back_ && sqlite3_get_autocommit(handle_) == 0; }

bool Connection::is_stored_all_the_same() {
  sqlite3_file* file = nullptr;
  const int found = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  const auto log = log_file();
  if (found != SQLITE_OK || !log) return true;
  return *log != nullptr && holds_another_commit(*file, **log);
}

// As SQLite has it open; null where there is none.
Result<sqlite3_file*> Connection::log_file() {
  sqlite3_file* log = nullptr;
  const int found = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (found != SQLITE_OK) return failure(found, "find the log");
  return log == nullptr || log->pMethods == nullptr ? nullptr : log;
}

Result<std::int64_t> Connection::log_bytes() {
  sqlite3_file* const log = TRY(log_file());
  if (log == nullptr) return 0;
  sqlite3_int64 size = 0;
  if (const int code = log->pMethods->xFileSize(log, &size); code != SQLITE_OK) return failure(code, "measure the log");
  return size;
}

Result<> Connection::store_log_again() {
  TRY(begin());  // the write lock: others may read
  auto found = log_file();
  const int code = found && *found != nullptr ? store_again(**found) : SQLITE_OK;
  roll_back();
  // Whoever begins nothing more would keep the lock from everybody.
  if (must_roll_back_) return Failure{last_error_};
  if (!found) return std::move(found).failure();
  if (code != SQLITE_OK) return failure(code, "store the log again");
  return {};
}

// SQLite's own waiting is for places of its index, which short reads may take again and again although they stand in
// nobody's way any more; each try looks anew.
Result<bool> Connection::restart_log(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  sqlite3_busy_timeout(handle_, 0);
  const auto restart = [this] {
    return sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  };
  int code = restart();
  while (code == SQLITE_BUSY && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    code = restart();
  }
  sqlite3_busy_timeout(handle_, busy_ms);
  if (code == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return failure(code, "restart the log");
  return true;
}

Result<> SqliteTransaction::defer(std::string_view statement, Values values) {
  TRY(connection_.query(statement, values));
  return {};
}

Result<> SqliteTransaction::add(std::string_view statement, const Uuid& organization, std::string_view name,
                                std::int64_t amount, const Entry& entry) {
  connection_.add({organization, name, statement, amount, entry});
  return {};
}

}  // namespace paylink::sql::sqlite
