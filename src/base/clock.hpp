#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace paylink {

// A moment in UTC, to the microsecond: what is stored. The API shows whole seconds.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

constexpr std::int64_t to_microseconds(Time time) { return time.time_since_epoch().count(); }
constexpr Time from_microseconds(std::int64_t microseconds) { return Time{std::chrono::microseconds{microseconds}}; }

// A moment in eight bytes, the highest first: what is signed together with it.
std::string time_bytes(Time time);
Time time_of_bytes(std::string_view bytes);  // eight; anything else is a bug

// `2021-01-01T00:00:00Z`: RFC 3339 in UTC, whole seconds (a fraction is cut off).
std::string to_rfc3339(Time time);

// Any moment as RFC 3339 writes it: in UTC or with an offset, in whole seconds (a fraction is cut off). A leap second
// is none of them.
std::optional<Time> parse_rfc3339(std::string_view text);

// Wall-clock time, handed in so that the sandbox and the tests can move it. Deadlines of sockets use the steady clock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

// The system's time plus an offset that only grows.
class MovableClock final : public Clock {
 public:
  // Never there: what is dated years ahead still has a year of four digits.
  static constexpr Time end = std::chrono::sys_days{std::chrono::January / 1 / 9000};

  explicit MovableClock(const Clock& base) : base_(base) {}
  Time now() const override;
  // False, and nothing is moved, when that would reach `end`.
  [[nodiscard]] bool advance(std::chrono::microseconds by);
  std::chrono::microseconds offset() const;

 private:
  const Clock& base_;
  std::atomic<std::int64_t> offset_us_{0};
};

}  // namespace paylink
