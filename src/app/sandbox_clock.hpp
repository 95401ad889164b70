#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "sql/transaction.hpp"

namespace paylink::app {

// How far the sandbox's clock has been moved, in microseconds, over restarts.
Result<> keep_clock_offset(std::string_view microseconds, sql::Transaction& tx);
Result<std::optional<std::chrono::microseconds>> kept_clock_offset(sql::Transaction& tx);

}  // namespace paylink::app
