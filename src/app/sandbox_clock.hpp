#pragma once

#include <chrono>
#include <optional>

#include "sql/transaction.hpp"

namespace paylink::app {

// How far the sandbox's clock has been moved, over restarts. It only goes forward: of two that are kept the larger
// stays.
Result<> keep_clock_offset(std::chrono::microseconds offset, sql::Transaction& tx);
Result<std::optional<std::chrono::microseconds>> kept_clock_offset(sql::Transaction& tx);

}  // namespace paylink::app
