#include "base/ids.hpp"

#include <algorithm>
#include <span>

#include "base/ascii.hpp"

namespace paylink {
namespace {

constexpr bool dash_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

void set_version(std::array<std::uint8_t, 16>& bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_at(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++nibble;
  }
  return Uuid(bytes);
}

Uuid Uuid::of_bytes(std::string_view bytes) {
  std::array<std::uint8_t, size> copy{};
  std::ranges::transform(bytes.substr(0, size), copy.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return Uuid(copy);
}

Uuid Uuid::v4(Random& random) {
  std::array<std::uint8_t, 16> bytes;
  random.fill(std::as_writable_bytes(std::span(bytes)));
  set_version(bytes, 4);
  return Uuid(bytes);
}

Uuid Uuid::v7(Time now, Random& random) {
  std::array<std::uint8_t, 16> bytes;
  random.fill(std::as_writable_bytes(std::span(bytes)));
  const auto ms = static_cast<std::uint64_t>(to_microseconds(now) / 1000);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  set_version(bytes, 7);
  return Uuid(bytes);
}

std::string Uuid::text() const {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes_) {
    if (dash_at(at)) ++at;
    text[at++] = digits[byte >> 4];
    text[at++] = digits[byte & 15];
  }
  return text;
}

}  // namespace paylink
