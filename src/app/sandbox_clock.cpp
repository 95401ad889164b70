#include "app/sandbox_clock.hpp"

#include <charconv>
#include <string>

#include "base/ensure.hpp"
#include "store/settings.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view offset_name = "sandbox_clock_offset_us";

}  // namespace

Result<std::optional<std::chrono::microseconds>> kept_clock_offset(sql::Transaction& tx) {
  const auto kept = TRY(store::Settings(tx).find(offset_name));
  if (!kept) return std::optional<std::chrono::microseconds>();
  std::int64_t offset = 0;
  const auto parsed = std::from_chars(kept->data(), kept->data() + kept->size(), offset);
  ENSURE(parsed.ec == std::errc() && offset >= 0);
  return std::optional(std::chrono::microseconds(offset));
}

Result<> keep_clock_offset(std::chrono::microseconds offset, sql::Transaction& tx) {
  if (!TRY(tx.try_claim(offset_name)))
    return fail(ErrorCode::unavailable, "clock_is_moving", "The clock is being moved by another request. Try again.");
  const auto kept = TRY(kept_clock_offset(tx));
  if (kept && *kept >= offset) return {};
  const std::string text = std::to_string(offset.count());
  return store::Settings(tx).put(offset_name, text);
}

}  // namespace paylink::app
