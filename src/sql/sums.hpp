#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace paylink::sql {

// What a transaction adds to one count: the statement that does it and its parameters (`Transaction::add`).
struct Sum {
  Uuid owner;
  std::string_view name;
  std::string_view statement;
  std::int64_t amount = 0;
};

// What is added to counts in the course of a transaction, until it is stored at its end.
class Sums {
 public:
  void add(const Sum& sum) { added_.push_back(sum); }

  // For savepoints: what was added after there were so many goes.
  std::size_t size() const { return added_.size(); }
  void shrink(std::size_t size) { added_.resize(size); }
  void clear() { added_.clear(); }

  // One for each count that changes, always in the same order: two transactions that store theirs never wait for one
  // another in a circle. Nothing is left.
  std::vector<Sum> take();

 private:
  std::vector<Sum> added_;
};

}  // namespace paylink::sql
