#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace paylink::sql {

// What is counted: one entry of lists, and what they order it by. The statements do not see it.
struct Entry {
  Uuid id;
  std::array<std::int64_t, 3> keys{};
};

// What a transaction adds to one count: the statement that does it and its parameters (`Transaction::add`).
struct Sum {
  Uuid owner;
  std::string_view name;
  std::string_view statement;
  std::int64_t amount = 0;
  Entry entry{};
};

// Is told what each transaction has added, in the order of the commits, before the next one begins and before anybody
// is answered.
class CountListener {
 public:
  virtual void counted(std::span<const Sum> added) noexcept = 0;

 protected:
  ~CountListener() = default;
};

// What is added to counts in the course of a transaction, until it is stored at its end.
class Sums {
 public:
  void add(const Sum& sum) { added_.push_back(sum); }

  // For savepoints: what was added after there were so many goes.
  std::size_t size() const { return added_.size(); }
  void shrink(std::size_t size) { added_.resize(size); }
  void clear() { added_.clear(); }

  // One for each count, even if it comes to nothing, always in the same order: two transactions that store theirs never
  // wait for one another in a circle.
  std::vector<Sum> totals() const;
  // As they were added, those of each owner together.
  std::vector<std::vector<Sum>> by_owner() const;
  // As they were added.
  std::span<const Sum> added() const { return added_; }

 private:
  std::vector<Sum> added_;
};

}  // namespace paylink::sql
