#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"

// What the fuzz targets share. A target states the properties of its decoder with ENSURE: nothing catches it here, so a
// property that does not hold ends the run and leaves its input behind.
namespace paylink::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the text up to the next line end, and that, off the front of `rest`.
inline std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

// RFC 3629, by decoding each character and asking whether it was written the shortest way: on purpose not the way any
// of the decoders goes about it.
bool is_utf8(std::string_view text);

}  // namespace paylink::fuzz

// What libFuzzer calls, over and over, in one process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
