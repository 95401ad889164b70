#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "sql/count_changes.hpp"
#include "sql/sums.hpp"

namespace paylink::sql {

struct Null {
  bool operator==(const Null&) const = default;
};

// Bytes that are not text (hashes, sealed secrets); the view must outlive the call it is passed to.
struct Blob {
  std::string_view bytes;
};

// A parameter of a statement. Views must outlive the call, even a deferred one copies what it needs.
class Value {
 public:
  Value(Null) {}
  Value(std::int64_t number) : state_(number) {}
  Value(int number) : state_(std::int64_t{number}) {}
  Value(std::string_view text) : state_(text) {}
  Value(const std::string& text) : state_(std::string_view(text)) {}
  Value(const char* text) : state_(std::string_view(text)) {}
  Value(Blob blob) : state_(blob) {}
  Value(const Uuid& uuid) : state_(uuid) {}
  Value(Time time) : state_(to_microseconds(time)) {}
  template <class Kind>
  Value(const Id<Kind>& id) : state_(id.uuid()) {}
  template <class T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }
  Value(bool) = delete;  // stored as 0 and 1: say which, `as_flag`

  const auto& state() const { return state_; }

 private:
  std::variant<Null, std::int64_t, std::string_view, Blob, Uuid> state_;
};

constexpr std::int64_t as_flag(bool value) { return value ? 1 : 0; }

// The rows of one answer, owned. Reading a column as something it is not is a bug (ENSURE).
class Rows {
 public:
  class Row {
   public:
    bool is_null(std::size_t column) const;
    bool is_integer(std::size_t column) const;
    // Whether the column holds the same in both rows: nothing, the same number, the same bytes.
    bool has_same(std::size_t column, const Row& other) const;
    std::int64_t integer(std::size_t column) const;
    std::string_view text(std::size_t column) const;  // text and blobs; lives as long as the Rows
    Uuid uuid(std::size_t column) const;
    Time time(std::size_t column) const { return from_microseconds(integer(column)); }
    bool flag(std::size_t column) const { return integer(column) != 0; }
    template <class Id>
    Id id(std::size_t column) const {
      return Id(uuid(column));
    }

   private:
    friend class Rows;
    Row(const Rows& rows, std::size_t first) : rows_(&rows), first_(first) {}
    const Rows* rows_;
    std::size_t first_;
  };

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  std::size_t columns() const { return columns_; }
  bool empty() const { return cells_.empty(); }
  Row operator[](std::size_t index) const { return Row(*this, index * columns_); }
  Row front() const { return (*this)[0]; }
  std::size_t bytes() const { return cells_.size() * sizeof(Cell) + text_.size(); }  // of memory, about

  // For drivers: one call a cell, row after row.
  explicit Rows(std::size_t columns = 0) : columns_(columns) {}
  void add_null();
  void add_integer(std::int64_t number);
  void add_text(std::string_view text);

 private:
  enum class Kind : std::uint8_t { null, integer, text };
  struct Cell {
    Kind kind;
    std::int64_t number;  // or the offset into text_
    std::size_t size;
  };
  void add(Cell cell);
  const Cell& cell(std::size_t index, Kind kind) const;

  std::size_t columns_;
  std::vector<Cell> cells_;
  std::string text_;
};

using Values = std::span<const Value>;

// Whose rows a piece of work may see, besides the tables that belong to nobody. The second wall between organizations:
// statements name theirs, and an engine that can (PostgreSQL's row-level security) hides every other row as well.
class Tenant {
 public:
  static constexpr Tenant nobody() { return Tenant(Kind::nobody, {}); }
  // For workers and the operator's commands, which look after all organizations.
  static constexpr Tenant everybody() { return Tenant(Kind::everybody, {}); }
  static constexpr Tenant organization(const Uuid& id) { return Tenant(Kind::organization, id); }

  constexpr bool is_nobody() const { return kind_ == Kind::nobody; }
  constexpr bool is_everybody() const { return kind_ == Kind::everybody; }
  constexpr const Uuid& id() const { return id_; }  // of an organization
  constexpr bool operator==(const Tenant&) const = default;

 private:
  enum class Kind : std::uint8_t { nobody, everybody, organization };
  constexpr Tenant(Kind kind, const Uuid& id) : kind_(kind), id_(id) {}
  Kind kind_;
  Uuid id_;
};

// The one seam between the stores and an engine. Statements are SQL that SQLite and PostgreSQL both speak, with `$1`
// parameters, and are string constants: the driver prepares each once and knows it by its address and text.
//
// Failures are `unavailable` (`storage_full`: definitely not stored, try later; `storage_unavailable`) or `conflict`
// (`already_exists`, a unique constraint).
class Transaction {
 public:
  virtual ~Transaction() = default;

  virtual Result<Rows> query(std::string_view statement, Values values) = 0;
  // As `query`, for a SELECT of a few of very many rows, which indexes have in the wanted order: these are walked,
  // whatever an engine expects to take less (PostgreSQL: to find and sort all), and it is planned only once.
  virtual Result<Rows> walk(std::string_view statement, Values values) { return query(statement, values); }
  // As `query`, for a SELECT from one table: nobody else changes its rows before this transaction ends. Whoever decides
  // something by a row and what hangs on it takes it so. With one writer every query does.
  virtual Result<Rows> lock(std::string_view statement, Values values) { return query(statement, values); }
  // As `lock`, for whoever wants work to do: rows that somebody else has taken are passed over.
  virtual Result<Rows> claim(std::string_view statement, Values values) { return query(statement, values); }
  // For statements whose result is not needed. Run at once on SQLite, together with the batch on PostgreSQL.
  virtual Result<> defer(std::string_view statement, Values values) = 0;
  // As `defer`, for a statement that adds `$4` to the count named `$2` of the organization `$1`. What one transaction
  // adds to a count is summed up and stored once, when it commits. `$3` is the part of the count that is this
  // connection's own: nobody else adds to that meanwhile, so nobody waits; whoever reads a count sums up its parts.
  // `name` is a constant. What is counted is told to whoever listens, once it is committed (`CountListener`).
  virtual Result<> add(std::string_view statement, const Uuid& organization, std::string_view name, std::int64_t amount,
                       const Entry& entry) = 0;
  // Where an engine keeps a log of what everybody adds to counts (PostgreSQL): has it kept for an organization, for ten
  // minutes from the commit on. False where there is none: there nobody else writes, and the listener knows all.
  virtual Result<bool> follow_counts(const Uuid&) { return false; }
  // From that log: what this transaction, which sees one snapshot, sees of an organization and `since` does not, if all
  // of it was logged. With no `since` only the snapshot. Absent where there is no log.
  virtual Result<std::optional<CountChanges>> count_changes(const Uuid&, const std::optional<Snapshot>& since) {
    static_cast<void>(since);
    return std::optional<CountChanges>();
  }
  // True when this transaction alone may decide about `key` until it ends; never waits for another.
  virtual Result<bool> try_claim(std::string_view key) = 0;

  Result<Rows> query(std::string_view statement, std::initializer_list<Value> values) {
    return query(statement, Values(values.begin(), values.size()));
  }
  Result<Rows> walk(std::string_view statement, std::initializer_list<Value> values) {
    return walk(statement, Values(values.begin(), values.size()));
  }
  Result<Rows> lock(std::string_view statement, std::initializer_list<Value> values) {
    return lock(statement, Values(values.begin(), values.size()));
  }
  Result<Rows> claim(std::string_view statement, std::initializer_list<Value> values) {
    return claim(statement, Values(values.begin(), values.size()));
  }
  Result<> defer(std::string_view statement, std::initializer_list<Value> values) {
    return defer(statement, Values(values.begin(), values.size()));
  }

  Time now() const { return now_; }
  Random& random() const { return *random_; }
  // Whether each table has a column `rowid`, which every index holds as well, and which finds a row sooner than its
  // keys do: SQLite's. What a statement does by it, another one does by keys.
  bool has_row_numbers() const { return has_row_numbers_; }

 protected:
  Transaction(Time now, Random& random, bool has_row_numbers = false)
      : now_(now), random_(&random), has_row_numbers_(has_row_numbers) {}
  Time now_;
  Random* random_;
  bool has_row_numbers_;
};

}  // namespace paylink::sql
