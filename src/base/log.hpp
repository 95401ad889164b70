#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace paylink {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };

// One field of a log line. Text and integers only: a Secret does not convert to either.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

// Writes JSON lines to stderr: {"time":…,"level":…,"event":…, fields…}, the text without card numbers. Never blocks the
// caller: lines go through a bounded queue to a thread of their own; when stderr stalls, the oldest waiting lines are
// dropped. Off until `start_logging`.
void start_logging(LogLevel level);
void stop_logging();  // flushes
bool log_enabled(LogLevel level);
void log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

#define LOG(level, event, ...)                                               \
  do {                                                                       \
    if (::paylink::log_enabled(::paylink::LogLevel::level))                  \
      ::paylink::log_line(::paylink::LogLevel::level, event, {__VA_ARGS__}); \
  } while (false)

}  // namespace paylink
