#include "sql/postgres/upkeep.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view select_clock = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

}  // namespace

Result<std::chrono::microseconds> clock_difference(const Clock& clock, Transaction& tx) {
  const Time before = clock.now();
  const Rows rows = TRY(tx.query(select_clock, {}));
  return rows.front().time(0) - (before + (clock.now() - before) / 2);
}

}  // namespace paylink::sql::postgres
