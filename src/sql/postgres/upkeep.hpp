#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "sql/transaction.hpp"

namespace paylink::sql::postgres {

// How far the database's clock is ahead of this one; less than nothing where it is behind.
Result<std::chrono::microseconds> clock_difference(const Clock& clock, Transaction& tx);

}  // namespace paylink::sql::postgres
