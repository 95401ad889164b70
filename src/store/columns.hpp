#pragma once

#include <optional>

#include "base/ensure.hpp"
#include "domain/money.hpp"
#include "sql/transaction.hpp"

// How values that take more than one column, or may be absent, are read back. What we wrote ourselves and cannot read
// is a bug or a damaged file (ENSURE).
namespace paylink::store {

inline std::optional<Time> read_optional_time(const sql::Rows::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return row.time(column);
}

// From the columns amount_minor and, next to it, currency.
inline Money read_money(const sql::Rows::Row& row, std::size_t column) {
  const auto currency = Currency::parse(row.text(column + 1));
  ENSURE(currency.has_value());
  auto money = Money::of_minor(row.integer(column), *currency);
  ENSURE(money.has_value());
  return *money;
}

}  // namespace paylink::store
