#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace paylink {

// A source of random bytes, handed in so that a run can be replayed from a seed. Implementations are safe to use from
// any thread and fit for secrets.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;

  template <std::size_t N>
  std::array<std::byte, N> bytes() {
    std::array<std::byte, N> result;
    fill(result);
    return result;
  }

  // Every value is as likely: for seeds.
  std::uint64_t number() {
    std::uint64_t result = 0;
    fill(std::as_writable_bytes(std::span(&result, 1)));
    return result;
  }
};

// The kernel's generator, buffered per thread: one system call per some hundred ids.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override;
};

}  // namespace paylink
