#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "sql/whole_database.hpp"

namespace paylink::store {

// How many rows to ask for: as many as are allowed while they are small, and fewer of large ones.
class Pace {
 public:
  explicit Pace(std::size_t rows_max) : rows_max_(rows_max), rows_(std::min<std::size_t>(rows_max, 64)) {}

  std::size_t rows() const { return rows_; }
  void learn(const sql::Rows& got) {
    constexpr std::size_t large = 4 << 20, small = 1 << 20;
    if (got.bytes() > large) rows_ = std::max<std::size_t>(1, rows_ / 2);
    if (got.bytes() < small) rows_ = std::min(rows_max_, rows_ * 2);
  }

 private:
  std::size_t rows_max_;
  std::size_t rows_;
};

// A scan one row at a time.
class RowStream {
 public:
  RowStream(std::unique_ptr<sql::Scan> scan, std::size_t rows_max) : scan_(std::move(scan)), pace_(rows_max) {}

  // False behind the last row. Before the first `row` and for each one more.
  Result<bool> advance() {
    if (++at_ < rows_.size()) return true;
    if (is_last_) return false;
    const std::size_t wanted = pace_.rows();
    rows_ = TRY(scan_->next(wanted));
    pace_.learn(rows_);
    is_last_ = rows_.size() < wanted;
    at_ = 0;
    return !rows_.empty();
  }
  sql::Rows::Row row() const { return rows_[at_]; }

 private:
  std::unique_ptr<sql::Scan> scan_;
  Pace pace_;
  sql::Rows rows_;
  std::size_t at_ = 0;
  bool is_last_ = false;
};

}  // namespace paylink::store
