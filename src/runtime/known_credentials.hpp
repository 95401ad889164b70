#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/ensure.hpp"

namespace paylink::runtime {

// Which credentials were good when they were last looked up, however long ago; for all event loops. Of a fixed size:
// two that share a place push each other out, and are then only unknown. They go by their keyed hash, so nobody can
// find one that looks like another.
class KnownCredentials {
 public:
  bool has(std::string_view keyed_hash) const {
    const std::uint64_t mark = mark_of(keyed_hash);
    return places_[mark % size].load(std::memory_order_relaxed) == mark;
  }
  void put(std::string_view keyed_hash) {
    const std::uint64_t mark = mark_of(keyed_hash);
    places_[mark % size].store(mark, std::memory_order_relaxed);
  }
  // They are good no more.
  void forget(std::string_view keyed_hash) {
    std::uint64_t mark = mark_of(keyed_hash);
    places_[mark % size].compare_exchange_strong(mark, 0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t size = 16'384;
  // 0 stands for an empty place.
  static std::uint64_t mark_of(std::string_view keyed_hash) {
    std::uint64_t mark = 0;
    ENSURE(keyed_hash.size() >= sizeof mark);
    std::memcpy(&mark, keyed_hash.data(), sizeof mark);
    return mark | std::uint64_t{1} << 63;
  }

  std::array<std::atomic<std::uint64_t>, size> places_{};
};

}  // namespace paylink::runtime
