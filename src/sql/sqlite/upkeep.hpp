#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "sql/transaction.hpp"

// What keeps a file as it should be while it is in use.
namespace paylink::sql::sqlite {

// Of the pages that hold nothing, a tenth of the file stays in it for what comes next, and no fewer than these.
constexpr std::int64_t free_pages_kept_min = 1'024;  // 4 MiB

// Gives those beyond that back to the system, for some milliseconds; answers whether there are more. A file that was
// made without `auto_vacuum` keeps them.
Result<bool> give_back_free_pages(Transaction& tx, std::int64_t kept_min = free_pages_kept_min);

// Takes away what somebody's ANALYZE has left, by which statements would go other ways than those they are made for
// (docs/decisions/0010-no-statistics.md). Answers whether there was any.
Result<bool> forget_statistics(Transaction& tx);

}  // namespace paylink::sql::sqlite
