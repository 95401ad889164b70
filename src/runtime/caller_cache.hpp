#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/authenticate.hpp"

namespace paylink::runtime {

// Remembers, on each event loop, whom an Authorization field stood for, so that decoding, hashing and looking it up is
// done twice a second and not on each request. An entry is asked for again after half a second: a revocation is in
// force everywhere within that time, without anyone telling anyone.
class CallerCache {
 public:
  // Valid until the next `put`; null when the field is not known or was asked about too long ago.
  const app::Identity* find(std::string_view authorization, std::chrono::steady_clock::time_point now) const;
  // Only for what has been found good: nobody can fill the cache from outside.
  void put(std::string_view authorization, const app::Identity& identity, std::chrono::steady_clock::time_point now);

 private:
  struct Entry {
    app::Identity identity;
    std::chrono::steady_clock::time_point asked_at;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr std::size_t size_max = 10'000;
  static constexpr std::chrono::milliseconds believed_for{500};
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
};

}  // namespace paylink::runtime
