#pragma once

#include <mutex>
#include <string>

#include "base/clock.hpp"

namespace paylink::providers::mollie {

// Keeps calls away from a provider that does not answer, so that they fail at once and not after their deadlines. It
// opens after some failures in a row, whoever's calls they were; after a while one call is let through to see, and
// closes it if it is answered. Each opening and closing is one line of the log. Safe from any thread.
class Breaker {
 public:
  struct Limits {
    int failures = 5;
    std::chrono::milliseconds pause{3'000};  // after which one call may try
  };
  // What a call says of the provider: an answer of any kind that is no trouble of its own shows that it is there.
  enum class Sign : std::uint8_t { alive, dead, none };

  // `name` is the provider's base address, for the log.
  Breaker(std::string name, const Limits& limits) : name_(std::move(name)), limits_(limits) {}

  // Whether a call may be made now; then `note` has to say what came of it.
  bool admits(Time now);
  void note(Sign sign, Time now);

 private:
  enum class State : std::uint8_t { closed, open, trying };

  void open(Time now);

  const std::string name_;
  const Limits limits_;
  std::mutex mutex_;
  State state_ = State::closed;
  int failures_ = 0;  // in a row
  Time since_;        // of the last opening, or trying
};

}  // namespace paylink::providers::mollie
