#include "sandbox/duration.hpp"

#include <gtest/gtest.h>

namespace paylink::sandbox {
namespace {

TEST(Duration, IsReadFromText) {
  struct Case {
    const char* text;
    std::optional<std::int64_t> seconds;
  };
  const Case cases[] = {
      {"72h", 259'200},
      {"1h30m", 5'400},
      {"45s", 45},
      {"10d", 864'000},
      {"0s", 0},
      {"1d1h1m1s", 90'061},
      {"", {}},
      {"h", {}},
      {"5", {}},
      {"-5s", {}},
      {"-0s", {}},
      {"5x", {}},
      {"1m1h", {}},
      {"1h1h", {}},
      {"1.5h", {}},
      {" 1h", {}},
      {"1h ", {}},
      {"99999999999s", {}},
      {"36600d", 3'162'240'000},
      {"878400h", 3'162'240'000},
      {"878400h1s", {}},
      {"36601d", {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto duration = parse_duration(c.text);
    EXPECT_EQ(duration ? std::optional(std::int64_t{duration->count()}) : std::nullopt, c.seconds);
  }
}

}  // namespace
}  // namespace paylink::sandbox
