#include "crypto/encoding.hpp"

#include <array>
#include <cstdint>

namespace paylink::crypto {
namespace {

// An alphabet of 2^bits characters.
template <unsigned bits>
class Alphabet {
 public:
  explicit constexpr Alphabet(std::string_view characters) : characters_(characters) {
    values_.fill(-1);
    for (std::size_t i = 0; i < characters.size(); ++i)
      values_[static_cast<unsigned char>(characters[i])] = static_cast<std::int8_t>(i);
  }

  std::string encode(std::string_view bytes) const {
    std::string text;
    text.reserve((bytes.size() * 8 + bits - 1) / bits);
    unsigned held = 0, held_bits = 0;
    for (const char c : bytes) {
      held = (held << 8) | static_cast<unsigned char>(c);
      held_bits += 8;
      for (; held_bits >= bits; held_bits -= bits) text += characters_[(held >> (held_bits - bits)) & mask];
    }
    if (held_bits > 0) text += characters_[(held << (bits - held_bits)) & mask];
    return text;
  }

  std::optional<std::string> decode(std::string_view text) const {
    std::string bytes;
    bytes.reserve(text.size() * bits / 8);
    unsigned held = 0, held_bits = 0;
    for (const char c : text) {
      const int value = values_[static_cast<unsigned char>(c)];
      if (value < 0) return std::nullopt;
      held = (held << bits) | static_cast<unsigned>(value);
      held_bits += bits;
      if (held_bits < 8) continue;
      held_bits -= 8;
      bytes += static_cast<char>((held >> held_bits) & 0xFF);
    }
    // What is left over are the zeros that fill up the last character, and less than one of those.
    const bool canonical = held_bits < bits && (held & ((1U << held_bits) - 1)) == 0;
    if (!canonical) return std::nullopt;
    return bytes;
  }

 private:
  static constexpr unsigned mask = (1U << bits) - 1;
  std::string_view characters_;
  std::array<std::int8_t, 256> values_{};
};

constexpr Alphabet<5> base32("abcdefghijklmnopqrstuvwxyz234567");
constexpr Alphabet<6> base64url("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
constexpr Alphabet<4> base16("0123456789abcdef");

}  // namespace

std::string to_base32(std::string_view bytes) { return base32.encode(bytes); }
std::optional<std::string> from_base32(std::string_view text) { return base32.decode(text); }
std::string to_base64url(std::string_view bytes) { return base64url.encode(bytes); }
std::optional<std::string> from_base64url(std::string_view text) { return base64url.decode(text); }
std::string to_hex(std::string_view bytes) { return base16.encode(bytes); }
std::optional<std::string> from_hex(std::string_view text) { return base16.decode(text); }

}  // namespace paylink::crypto
