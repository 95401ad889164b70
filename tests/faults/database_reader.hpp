#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace paylink::faults {

// One row of an answer, as text; what is NULL is empty.
class ReadRow {
 public:
  explicit ReadRow(std::vector<std::string> cells) : cells_(std::move(cells)) {}
  const std::string& text(int column) const { return cells_[static_cast<std::size_t>(column)]; }
  std::int64_t integer(int column) const { return std::strtoll(text(column).c_str(), nullptr, 10); }

 private:
  std::vector<std::string> cells_;
};

// A database at one moment. Statements are those that both engines understand; `uuid(…)` is an identifier as text.
// Trouble with it ends the harness: a check that cannot read proves nothing.
class DatabaseReader {
 public:
  virtual ~DatabaseReader() = default;

  virtual void each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const = 0;
  std::int64_t number(const std::string& statement) const {
    std::int64_t result = 0;
    each(statement, [&](const ReadRow& row) { result = row.integer(0); });
    return result;
  }
};

}  // namespace paylink::faults
