#include "base/clock.hpp"

#include <charconv>

#include "base/ensure.hpp"

namespace paylink {
namespace {

void put_digits(char* at, int width, int value) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Cuts `.123` off; what is no fraction stays, and is no offset either.
std::string_view without_fraction(std::string_view text) {
  if (!text.starts_with('.')) return text;
  const std::size_t end = text.find_first_not_of("0123456789", 1);
  return end == 1 || end == std::string_view::npos ? text : text.substr(end);
}

// `Z`, or `+02:00`: how far ahead of UTC.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset{*hours * 60 + *minutes};
  return text[0] == '+' ? offset : -offset;
}

}  // namespace

std::string time_bytes(Time time) {
  const auto number = static_cast<std::uint64_t>(to_microseconds(time));
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

Time time_of_bytes(std::string_view bytes) {
  ENSURE(bytes.size() == sizeof(std::uint64_t));
  std::uint64_t number = 0;
  for (const char byte : bytes) number = (number << 8) | static_cast<unsigned char>(byte);
  return from_microseconds(static_cast<std::int64_t>(number));
}

std::string to_rfc3339(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  std::string text = "0000-00-00T00:00:00Z";
  put_digits(text.data(), 4, static_cast<int>(date.year()));
  put_digits(text.data() + 5, 2, static_cast<int>(static_cast<unsigned>(date.month())));
  put_digits(text.data() + 8, 2, static_cast<int>(static_cast<unsigned>(date.day())));
  put_digits(text.data() + 11, 2, static_cast<int>(clock.hours().count()));
  put_digits(text.data() + 14, 2, static_cast<int>(clock.minutes().count()));
  put_digits(text.data() + 17, 2, static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  constexpr std::size_t local_size = 19;
  if (text.size() <= local_size || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const auto offset = parse_offset(without_fraction(text.substr(local_size)));
  if (!offset) return std::nullopt;
  const Time time = std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
                    std::chrono::seconds{*second} - *offset;
  // In UTC too the year has four digits.
  constexpr std::chrono::sys_days first{std::chrono::January / 1 / 0}, end{std::chrono::January / 1 / 10'000};
  if (time < first || time >= end) return std::nullopt;
  return time;
}

Time SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Time MovableClock::now() const { return base_.now() + offset(); }

bool MovableClock::advance(std::chrono::microseconds by) {
  ENSURE(by.count() >= 0);
  std::int64_t offset = offset_us_.load();
  do {
    const auto left = end - base_.now() - std::chrono::microseconds{offset};
    if (by >= left) return false;
  } while (!offset_us_.compare_exchange_weak(offset, offset + by.count()));
  return true;
}

std::chrono::microseconds MovableClock::offset() const { return std::chrono::microseconds{offset_us_.load()}; }

}  // namespace paylink
