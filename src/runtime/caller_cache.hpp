#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/authenticate.hpp"
#include "app/caller.hpp"
#include "base/clock.hpp"
#include "http/request.hpp"

namespace paylink::runtime {

// Remembers, on each event loop, whom a key or token stood for. An entry is asked for again after half a second, so a
// revocation is in force everywhere within that time, without anyone telling anyone.
class CallerCache {
 public:
  std::optional<app::Identity> find(const std::string& hash, std::chrono::steady_clock::time_point now) const;
  void put(const std::string& hash, const app::Identity& identity, std::chrono::steady_clock::time_point now);

 private:
  struct Entry {
    app::Identity identity;
    std::chrono::steady_clock::time_point asked_at;
  };
  static constexpr std::size_t size_max = 10'000;
  static constexpr std::chrono::milliseconds believed_for{500};
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace paylink::runtime
