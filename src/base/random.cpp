#include "base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "base/ensure.hpp"

namespace paylink {
namespace {

void fill_from_kernel(std::byte* at, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::getrandom(at, size, 0);
    if (got < 0) continue;  // EINTR; the pool is long initialised when a service starts
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

struct Pool {
  std::array<std::byte, 4096> bytes;
  std::size_t used = 4096;
};

}  // namespace

void SystemRandom::fill(std::span<std::byte> bytes) {
  thread_local Pool pool;
  if (bytes.size() > 256) return fill_from_kernel(bytes.data(), bytes.size());
  if (pool.bytes.size() - pool.used < bytes.size()) {
    fill_from_kernel(pool.bytes.data(), pool.bytes.size());
    pool.used = 0;
  }
  std::memcpy(bytes.data(), pool.bytes.data() + pool.used, bytes.size());
  // What was handed out must not stay behind in the pool: it may have become a secret.
  std::memset(pool.bytes.data() + pool.used, 0, bytes.size());
  pool.used += bytes.size();
}

}  // namespace paylink
