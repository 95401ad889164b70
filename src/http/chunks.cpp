#include "http/chunks.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/ascii.hpp"

namespace paylink::http {
namespace {

constexpr std::size_t ignored_bytes_max = 4096;
constexpr std::size_t size_digits_max = 16;

constexpr Refusal malformed = refusals::malformed("The chunked body of the request is malformed.");

bool is_printable(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }

bool is_token(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
}

}  // namespace

ChunkDecoder::Outcome ChunkDecoder::decode(char* buffer, std::size_t& raw, std::size_t end, std::size_t& body_end) {
  while (raw < end) {
    if (state_ == State::data) {
      const std::size_t part = std::min(left_, end - raw);
      std::memmove(buffer + body_end, buffer + raw, part);
      raw += part;
      body_end += part;
      left_ -= part;
      if (left_ == 0) state_ = State::data_return;
    } else if (!take(buffer[raw++])) {
      return Outcome::refused;
    }
    if (state_ == State::complete) return Outcome::complete;
  }
  return Outcome::more;
}

bool ChunkDecoder::take(char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
      return take_size(c);
    case State::extension:
      if (c == '\r') return expect(c, '\r', State::size_line_end);
      if (++ignored_ > ignored_bytes_max || !is_printable(c)) return refuse(malformed);
      return true;
    case State::size_line_end:
      return expect(c, '\n', left_ > 0 ? State::data : State::trailer_first);
    case State::data_return:
      return expect(c, '\r', State::data_line_end);
    case State::data_line_end:
      return expect(c, '\n', State::size_first);
    default:
      return take_trailer(c);
  }
}

bool ChunkDecoder::take_size(char c) {
  if (const int value = hex_value(c); value >= 0) {
    if (state_ == State::size_first) left_ = digits_ = 0;
    state_ = State::size;
    left_ = left_ * 16 + static_cast<std::size_t>(value);
    if (++digits_ > size_digits_max) return refuse(malformed);
    // Checked at every digit: the size cannot overflow, and nobody waits for a body that is too large.
    return left_ <= body_bytes_max_ - body_bytes_ || refuse(refusals::body_too_large);
  }
  if (state_ == State::size_first) return refuse(malformed);
  body_bytes_ += left_;
  if (c == '\r') return expect(c, '\r', State::size_line_end);
  return expect(c, ';', State::extension);
}

bool ChunkDecoder::take_trailer(char c) {
  if (state_ == State::last_line_end) return expect(c, '\n', State::complete);
  if (state_ == State::trailer_line_end) return expect(c, '\n', State::trailer_first);
  if (state_ == State::trailer_first && c == '\r') return expect(c, '\r', State::last_line_end);
  if (++ignored_ > ignored_bytes_max) return refuse(refusals::head_too_large);
  if (state_ == State::trailer_value) {
    if (c == '\r') return expect(c, '\r', State::trailer_line_end);
    return is_printable(c) || refuse(malformed);
  }
  if (state_ == State::trailer_name && c == ':') return expect(c, ':', State::trailer_value);
  state_ = State::trailer_name;
  return is_token(c) || refuse(malformed);
}

bool ChunkDecoder::expect(char c, char wanted, State next) {
  if (c != wanted) return refuse(malformed);
  state_ = next;
  return true;
}

bool ChunkDecoder::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return false;
}

}  // namespace paylink::http
