#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "http/client_network.hpp"

namespace paylink::runtime {

// How many requests that change something each client has under way: handed over and not answered yet. Safe from any
// thread, without locks. Clients are told apart by a seeded hash of sixteen bits: the rare two that share a place share
// what may wait there.
class ClientWrites {
 public:
  using Ticket = std::uint32_t;  // never zero

  ClientWrites(std::uint32_t max, http::Loopback loopback, std::uint64_t seed);

  // A ticket to be handed back when the request is answered. Nothing when the client has `max` under way already.
  std::optional<Ticket> enter(const http::ClientNetwork& client);
  void leave(Ticket ticket);

 private:
  static constexpr std::size_t places = 65'536;
  static constexpr Ticket uncounted = places + 1;

  const std::uint32_t max_;
  const http::Loopback loopback_;
  const std::uint64_t seed_;
  const std::unique_ptr<std::atomic<std::uint32_t>[]> under_way_;
};

}  // namespace paylink::runtime
