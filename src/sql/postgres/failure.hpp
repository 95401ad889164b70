#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink::sql::postgres {

// What an SQLSTATE (PostgreSQL, appendix A) means for the caller. Besides those of sql::Transaction there is
// `contended` (unavailable): others were at the same rows, and the same transaction may be tried again.
Failure failure_of(std::string_view sqlstate, std::string detail);

// The connection is gone, or has been silent for too long.
Failure connection_lost(std::string detail);

bool is_contended(const Error& error);

}  // namespace paylink::sql::postgres
