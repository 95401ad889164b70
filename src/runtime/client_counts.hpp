#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/client_network.hpp"

namespace paylink::runtime {

// What one node has let through, of a client or of a network around clients.
struct ClientCount {
  http::ClientNetwork client;
  std::uint32_t requests = 0;
  std::uint32_t unauthorized = 0;  // answers of 401

  std::uint64_t sum() const { return std::uint64_t{requests} + unauthorized; }
  bool operator==(const ClientCount&) const = default;
};

// How many one publication tells of at most: 36 KiB.
constexpr std::size_t client_counts_max = 2'048;

// As nodes tell them to one another. A byte that says how (1), then for each client, numbers in network order: family
// (0 no address, 4, 6), bits, prefix (8 bytes), requests (4), unauthorized (4).
std::string encode_client_counts(std::span<const ClientCount> counts);

// Only what `encode_client_counts` makes of 1 to `client_counts_max` networks that are some, each with a count. Fails
// with `damaged_client_counts`.
Result<std::vector<ClientCount>> decode_client_counts(std::string_view bytes);

}  // namespace paylink::runtime
