#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "http/refusal.hpp"

namespace paylink::http {

// Takes the framing out of a chunked body (RFC 9112 section 7.1), in place and as it arrives. Sizes are plain
// hexadecimal digits; extensions and trailers are ignored, but they have to be well-formed and short.
class ChunkDecoder {
 public:
  explicit ChunkDecoder(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  enum class Outcome : std::uint8_t { more, complete, refused };

  // Reads `buffer` from `raw` (not read yet) to `end`, moves what is body to `body_end`, and advances both.
  Outcome decode(char* buffer, std::size_t& raw, std::size_t end, std::size_t& body_end);

  // After `refused`.
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_line_end,
    data,
    data_return,
    data_line_end,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_line_end,
    last_line_end,
    complete,
  };

  bool take(char c);  // one byte of framing; false: refused
  bool take_size(char c);
  bool take_trailer(char c);
  bool expect(char c, char wanted, State next);
  bool refuse(const Refusal& refusal);

  std::size_t body_bytes_max_;
  std::size_t body_bytes_ = 0;
  std::size_t left_ = 0;     // of the chunk
  std::size_t digits_ = 0;   // of its size
  std::size_t ignored_ = 0;  // bytes of extensions and trailers so far
  State state_ = State::size_first;
  Refusal refusal_;
};

}  // namespace paylink::http
