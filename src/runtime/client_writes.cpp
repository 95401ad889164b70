#include "runtime/client_writes.hpp"

namespace paylink::runtime {

ClientWrites::ClientWrites(std::uint32_t max, http::Loopback loopback, std::uint64_t seed)
    : max_(max), loopback_(loopback), seed_(seed), under_way_(std::make_unique<std::atomic<std::uint32_t>[]>(places)) {}

std::optional<ClientWrites::Ticket> ClientWrites::enter(const http::ClientNetwork& client) {
  if (loopback_ == http::Loopback::exempt && client.is_loopback()) return uncounted;
  const auto place = static_cast<Ticket>(client.hash(seed_) % places);
  if (under_way_[place].fetch_add(1, std::memory_order_relaxed) < max_) return place + 1;
  under_way_[place].fetch_sub(1, std::memory_order_relaxed);
  return std::nullopt;
}

void ClientWrites::leave(Ticket ticket) {
  if (ticket != uncounted) under_way_[ticket - 1].fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace paylink::runtime
