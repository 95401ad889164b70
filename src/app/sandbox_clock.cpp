#include "app/sandbox_clock.hpp"

#include <charconv>

#include "base/ensure.hpp"
#include "store/settings.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view name = "sandbox_clock_offset_us";

}  // namespace

Result<> keep_clock_offset(std::string_view microseconds, sql::Transaction& tx) {
  return store::Settings(tx).put(name, microseconds);
}

Result<std::optional<std::chrono::microseconds>> kept_clock_offset(sql::Transaction& tx) {
  const auto kept = TRY(store::Settings(tx).find(name));
  if (!kept) return std::optional<std::chrono::microseconds>();
  std::int64_t offset = 0;
  const auto parsed = std::from_chars(kept->data(), kept->data() + kept->size(), offset);
  ENSURE(parsed.ec == std::errc() && offset >= 0);
  return std::optional(std::chrono::microseconds(offset));
}

}  // namespace paylink::app
