#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "http/client_network.hpp"

namespace paylink::http {

// How many connections each client has, over all event loops. Safe from any thread. Never larger than the number of
// connections: who has none is not in it.
class PeerCounts {
 public:
  explicit PeerCounts(std::uint64_t seed) : counts_(0, Hash{seed}) {}

  // One more, unless that would be more than `max`: then false.
  bool enter(const ClientNetwork& peer, std::size_t max);
  void leave(const ClientNetwork& peer);  // after an `enter` that was true

 private:
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const ClientNetwork& network) const { return network.hash(seed); }
  };

  std::mutex mutex_;
  std::unordered_map<ClientNetwork, std::size_t, Hash> counts_;
};

}  // namespace paylink::http
