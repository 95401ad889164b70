#include "http/response_writer.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <ctime>

#include "base/clock.hpp"
#include "base/ensure.hpp"

namespace paylink::http {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\nDate: ");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, status);
  out.append(" ").append(reason_phrase(status)).append("\r\nDate: ");
}

}  // namespace

// The date as RFC 9110 section 5.6.7 wants it: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string_view DateField::at(Moment now) {
  if (now < until_) return {text_.data(), text_.size()};
  const auto wall = to_microseconds(SystemClock().now());
  constexpr std::int64_t second = 1'000'000;
  until_ = now + std::chrono::microseconds(second - wall % second);
  const std::time_t seconds = wall / second;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  constexpr std::string_view days = "SunMonTueWedThuFriSat", months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto put = [&](std::size_t at, std::string_view text) {
    std::ranges::copy(text, text_.begin() + static_cast<long>(at));
  };
  const auto put_two = [&](std::size_t at, int number) {
    text_[at] = static_cast<char>('0' + number / 10 % 10);
    text_[at + 1] = static_cast<char>('0' + number % 10);
  };
  put(0, "Thu, 01 Jan 1970 00:00:00 GMT");
  put(0, days.substr(static_cast<std::size_t>(utc.tm_wday) * 3, 3));
  put(8, months.substr(static_cast<std::size_t>(utc.tm_mon) * 3, 3));
  put_two(5, utc.tm_mday);
  put_two(12, utc.tm_year / 100 + 19);
  put_two(14, utc.tm_year % 100);
  put_two(17, utc.tm_hour);
  put_two(20, utc.tm_min);
  put_two(23, utc.tm_sec);
  return {text_.data(), text_.size()};
}

TraceIds::TraceIds(Random& random) {
  const auto seed = random.bytes<sizeof state_>();
  state_ = std::bit_cast<decltype(state_)>(seed);
  if (std::ranges::all_of(state_, [](std::uint64_t word) { return word == 0; })) state_[0] = 1;
}

// xoshiro256** by David Blackman and Sebastiano Vigna (https://prng.di.unimi.it).
std::uint64_t TraceIds::draw() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void TraceIds::next(char (&id)[size]) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = draw();
    for (std::size_t i = 0; i < 16; ++i, bits >>= 4) id[half * 16 + i] = digits[bits & 15];
  }
}

// RFC 9110 section 8.6: these have no body and must not (204) or need not (304) say how long it is.
bool has_body(int status) { return status != 204 && status != 304; }

void write_head(std::string& out, const Response& response, const Envelope& envelope) {
  append_status_line(out, response.status);
  out.append(envelope.date).append("\r\nX-Trace-Id: ").append(envelope.trace_id);
  if (!response.content_type.empty()) out.append("\r\nContent-Type: ").append(response.content_type);
  if (has_body(response.status)) {
    out.append("\r\nContent-Length: ");
    append_number(out, response.body.size());
  }
  if (envelope.persistence == Persistence::close) out.append("\r\nConnection: close");
  out.append("\r\n").append(response.fields).append("\r\n");
}

}  // namespace paylink::http
