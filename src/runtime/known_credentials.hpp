#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

namespace paylink::runtime {

// Which Authorization fields were good when they were last looked up, however long ago; for all event loops. Of a fixed
// size: two fields that share a place push each other out, and are then only unknown. Holds hashes, no credentials.
class KnownCredentials {
 public:
  bool has(std::string_view field) const {
    const std::uint64_t hash = hash_of(field);
    return places_[hash % size].load(std::memory_order_relaxed) == hash;
  }
  void put(std::string_view field) {
    const std::uint64_t hash = hash_of(field);
    places_[hash % size].store(hash, std::memory_order_relaxed);
  }
  // They are good no more.
  void forget(std::string_view field) {
    std::uint64_t hash = hash_of(field);
    places_[hash % size].compare_exchange_strong(hash, 0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t size = 16'384;
  // 0 stands for an empty place.
  static std::uint64_t hash_of(std::string_view field) { return std::hash<std::string_view>{}(field) | 1U << 31; }

  std::array<std::atomic<std::uint64_t>, size> places_{};
};

}  // namespace paylink::runtime
