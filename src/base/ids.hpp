#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace paylink {

// A UUID (RFC 9562), 16 bytes in network order.
class Uuid {
 public:
  constexpr Uuid() = default;
  constexpr explicit Uuid(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}

  // Only the canonical 36-character form, in either case.
  static std::optional<Uuid> parse(std::string_view text);
  static Uuid v4(Random& random);
  // Time-ordered: the milliseconds of `now`, then random bits.
  static Uuid v7(Time now, Random& random);

  std::string text() const;  // lower case
  constexpr const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  // The same bytes as text, for what is signed or sealed.
  static constexpr std::size_t size = 16;
  static Uuid of_bytes(std::string_view bytes);  // the first 16
  std::string_view raw() const { return {reinterpret_cast<const char*>(bytes_.data()), size}; }

  constexpr auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// The id of one kind of thing; kinds do not convert into one another.
template <class Kind>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(Uuid uuid) : uuid_(uuid) {}

  static std::optional<Id> parse(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    if (!uuid) return std::nullopt;
    return Id(*uuid);
  }
  static Id create(Time now, Random& random) { return Id(Uuid::v7(now, random)); }

  constexpr const Uuid& uuid() const { return uuid_; }
  std::string text() const { return uuid_.text(); }

  constexpr auto operator<=>(const Id&) const = default;

 private:
  Uuid uuid_;
};

}  // namespace paylink

template <>
struct std::hash<paylink::Uuid> {
  std::size_t operator()(const paylink::Uuid& uuid) const noexcept {
    std::size_t result = 0;  // the last eight bytes are random in every version we make
    for (std::size_t i = 8; i < 16; ++i) result = (result << 8) | uuid.bytes()[i];
    return result;
  }
};

template <class Kind>
struct std::hash<paylink::Id<Kind>> {
  std::size_t operator()(const paylink::Id<Kind>& id) const noexcept { return std::hash<paylink::Uuid>{}(id.uuid()); }
};
