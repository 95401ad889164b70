#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "http/response.hpp"

namespace paylink::http {

using Moment = std::chrono::steady_clock::time_point;

// The value of the Date field, made anew each second. For one thread.
class DateField {
 public:
  std::string_view at(Moment now);

 private:
  Moment until_{};
  std::array<char, 29> text_{};
};

// Ids that nobody has to guess at: 32 hex digits from a generator of its own, seeded once. For one thread.
class TraceIds {
 public:
  static constexpr std::size_t size = 32;

  explicit TraceIds(Random& random);
  void next(char (&id)[size]);

 private:
  std::uint64_t draw();
  std::array<std::uint64_t, 4> state_{};
};

enum class Persistence : std::uint8_t { keep_alive, close };

struct Envelope {
  std::string_view date;
  std::string_view trace_id;
  Persistence persistence = Persistence::keep_alive;
};

// Appends the bytes of an answer up to its body. Not every status has one; nor has any answer to HEAD.
void write_head(std::string& out, const Response& response, const Envelope& envelope);
bool has_body(int status);

inline constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace paylink::http
