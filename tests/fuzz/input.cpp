#include "input.hpp"

#include <bit>

namespace paylink::fuzz {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const auto ones = static_cast<unsigned>(std::countl_one(first));
    if (ones == 1 || ones > 4 || text.size() < ones) return false;
    const unsigned size = ones == 0 ? 1 : ones;
    std::uint32_t point = ones == 0 ? first : first & (0x7FU >> ones);
    for (unsigned i = 1; i < size; ++i) {
      const auto next = static_cast<unsigned char>(text[i]);
      if (next >> 6 != 2) return false;
      point = (point << 6) | (next & 0x3FU);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[size] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace paylink::fuzz
