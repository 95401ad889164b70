#include "base/ensure.hpp"
#include "sql/transaction.hpp"

namespace paylink::sql {

void Rows::add(Cell cell) {
  // Most answers are one row: its memory is taken at once and not in steps.
  if (cells_.empty()) cells_.reserve(columns_);
  cells_.push_back(cell);
}

void Rows::add_null() { add({Kind::null, 0, 0}); }

void Rows::add_integer(std::int64_t number) { add({Kind::integer, number, 0}); }

void Rows::add_text(std::string_view text) {
  constexpr std::size_t first_text = 1024;
  if (text_.empty() && columns_ > 4) text_.reserve(first_text);
  add({Kind::text, static_cast<std::int64_t>(text_.size()), text.size()});
  text_ += text;
}

const Rows::Cell& Rows::cell(std::size_t index, Kind kind) const {
  ENSURE(index < cells_.size());
  const Cell& cell = cells_[index];
  ENSURE(cell.kind == kind);
  return cell;
}

bool Rows::Row::is_null(std::size_t column) const { return rows_->cells_.at(first_ + column).kind == Kind::null; }

bool Rows::Row::is_integer(std::size_t column) const { return rows_->cells_.at(first_ + column).kind == Kind::integer; }

bool Rows::Row::has_same(std::size_t column, const Row& other) const {
  const Cell& ours = rows_->cells_.at(first_ + column);
  const Cell& theirs = other.rows_->cells_.at(other.first_ + column);
  if (ours.kind != theirs.kind) return false;
  if (ours.kind == Kind::text) return text(column) == other.text(column);
  return ours.number == theirs.number;
}

std::int64_t Rows::Row::integer(std::size_t column) const { return rows_->cell(first_ + column, Kind::integer).number; }

std::string_view Rows::Row::text(std::size_t column) const {
  const Cell& cell = rows_->cell(first_ + column, Kind::text);
  return std::string_view(rows_->text_).substr(static_cast<std::size_t>(cell.number), cell.size);
}

Uuid Rows::Row::uuid(std::size_t column) const {
  const std::string_view bytes = text(column);
  ENSURE(bytes.size() == 16);
  std::array<std::uint8_t, 16> result;
  for (std::size_t i = 0; i < 16; ++i) result[i] = static_cast<std::uint8_t>(bytes[i]);
  return Uuid(result);
}

}  // namespace paylink::sql
