#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/card_numbers.hpp"
#include "base/clock.hpp"

namespace paylink {
namespace {

std::atomic<LogLevel> threshold{LogLevel::off};
std::shared_ptr<spdlog::async_logger> logger;

constexpr std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      break;
  }
  return "off";
}

// JSON string escaping; base may not use json/.
void append_quoted(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void start_logging(LogLevel level) {
  if (!logger) {
    spdlog::init_thread_pool(8192, 1);
    logger =
        std::make_shared<spdlog::async_logger>("paylink", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                               spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%v");
    logger->flush_on(spdlog::level::info);
  }
  threshold = level;
}

void stop_logging() {
  threshold = LogLevel::off;
  if (!logger) return;
  logger->flush();
  spdlog::shutdown();  // its thread has ended when we let go of what it uses
  logger.reset();
}

bool log_enabled(LogLevel level) { return level >= threshold.load(std::memory_order_relaxed); }

void log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = R"({"time":")" + to_rfc3339(SystemClock{}.now()) + R"(","level":")";
  line += level_name(level);
  line += R"(","event":)";
  append_quoted(line, event);
  for (const LogField& field : fields) {
    line += ',';
    append_quoted(line, field.name);
    line += ':';
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      append_quoted(line, without_card_numbers(*text));
    else
      line += std::to_string(std::get<std::int64_t>(field.value));
  }
  line += '}';
  if (logger) logger->info(line);
}

}  // namespace paylink
