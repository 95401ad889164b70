#include "http/client_network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace paylink::http {
namespace {

// The finalizer of MurmurHash3: every bit of the input moves about half of the output's.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdULL;
  value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return value ^ (value >> 33);
}

std::uint64_t read_big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

ClientNetwork ClientNetwork::of(std::string_view address) {
  char spelled[INET6_ADDRSTRLEN];
  if (address.empty() || address.size() >= sizeof spelled || address.find('\0') != std::string_view::npos) return {};
  std::memcpy(spelled, address.data(), address.size());
  spelled[address.size()] = '\0';
  in_addr narrow{};
  if (::inet_pton(AF_INET, spelled, &narrow) == 1) return {ntohl(narrow.s_addr), 32, Family::v4};
  in6_addr wide{};
  if (::inet_pton(AF_INET6, spelled, &wide) != 1) return {};
  if (IN6_IS_ADDR_V4MAPPED(&wide)) return {read_big_endian(wide.s6_addr + 12, 4), 32, Family::v4};
  return {read_big_endian(wide.s6_addr, 8), 64, Family::v6};
}

std::optional<ClientNetwork> ClientNetwork::wider(std::uint8_t wanted_bits) const {
  if (family != Family::v6 || wanted_bits == 0 || wanted_bits > bits) return std::nullopt;
  return ClientNetwork{prefix & (~std::uint64_t{0} << (64 - wanted_bits)), wanted_bits, family};
}

std::string ClientNetwork::text() const {
  if (family == Family::none) return "nowhere";
  char spelled[INET6_ADDRSTRLEN];
  const bool is_narrow = family == Family::v4;
  std::uint8_t bytes[16] = {};
  const int shift = is_narrow ? 24 : 56;
  for (int i = 0; i < (is_narrow ? 4 : 8); ++i) bytes[i] = static_cast<std::uint8_t>(prefix >> (shift - 8 * i));
  ::inet_ntop(is_narrow ? AF_INET : AF_INET6, bytes, spelled, sizeof spelled);
  return is_narrow ? spelled : std::string(spelled) + "/" + std::to_string(bits);
}

bool ClientNetwork::is_loopback() const {
  // All of ::/64 but ::1 is reserved, or IPv4 in another spelling.
  return family == Family::v4 ? prefix >> 24 == 127 : family == Family::v6 && bits == 64 && prefix == 0;
}

std::uint64_t ClientNetwork::hash(std::uint64_t seed) const {
  return mix(mix(prefix ^ seed) + bits + (static_cast<std::uint64_t>(family) << 8));
}

}  // namespace paylink::http
