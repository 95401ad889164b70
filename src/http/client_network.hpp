#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paylink::http {

// Whether clients on this machine are limited as others are.
enum class Loopback : std::uint8_t { limited, exempt };

// What counts as one client: an IPv4 address, or the /64 an IPv6 address is in, which is what one customer of a network
// has at the least (RFC 6177). An IPv4 address inside IPv6 counts as IPv4. What is not an address is one client of its
// own.
struct ClientNetwork {
  std::uint64_t prefix = 0;  // the first `bits` bits of the address; the rest is zero
  std::uint8_t bits = 0;
  enum class Family : std::uint8_t { none, v4, v6 } family = Family::none;

  static ClientNetwork of(std::string_view address);

  // The IPv6 network of so many bits that this one is part of; absent for IPv4.
  std::optional<ClientNetwork> wider(std::uint8_t wanted_bits) const;
  // For people: "192.0.2.1", "2001:db8::/64", "nowhere".
  std::string text() const;
  bool is_loopback() const;  // 127.0.0.0/8 or ::1
  // Hard to foresee for who does not know the seed.
  std::uint64_t hash(std::uint64_t seed) const;

  bool operator==(const ClientNetwork&) const = default;
};

}  // namespace paylink::http
