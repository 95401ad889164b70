#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/transaction.hpp"

namespace paylink::store {

// What one account holds of one currency, over all organizations.
struct AccountBalance {
  std::string account;
  std::string currency;  // ISO 4217
  std::int64_t entries = 0;
  std::int64_t minor_units = 0;
};

// The ledger held against everything it follows from. Reads whole tables, everybody's: for an operator's command, in a
// transaction that shows one moment.
class Ledger {
 public:
  explicit Ledger(sql::Transaction& tx) : tx_(tx) {}

  Result<std::vector<AccountBalance>> balances();  // by account and currency
  Result<std::int64_t> count_movements();
  Result<std::int64_t> count_payments();  // that were paid

  // What is not as it must be, one sentence each: movements that do not sum to zero; payments of which the ledger tells
  // other amounts than their rows; payments of which more was refunded than came in; payments that are paid and brought
  // nothing in, or the other way round. Of each kind no more than `limit`.
  Result<std::vector<std::string>> violations(int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
