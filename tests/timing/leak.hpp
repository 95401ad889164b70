#pragma once

#include <time.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/random.hpp"

// Whether a check tells by its time how near a guess is to the secret. The method is dudect's (Reparaz, Balasch and
// Verbauwhede, "Dude, is my code constant time?", 2017): two classes of guesses in random order, Welch's t-test between
// their times, and again without the slowest ones, which are the scheduler's and not the check's.
namespace paylink::timing {

// Both are wrong, of the same size, and alike to whoever does not know the secret: a near one shares all but the end
// with it, a far one all but the beginning. A comparison that stops at the first difference takes longer for near ones.
enum class Guess : std::uint8_t { near, far };

struct Check {
  std::function<std::string(Guess)> guess;          // a new one each time; not measured
  std::function<bool(const std::string&)> accepts;  // what is measured; refuses every guess
  std::string right = {};  // what it accepts, asked once after all guesses: it did look at them; "" where there is none
  // For what takes milliseconds rather the thread's own time: others on the machine have no part in that.
  clockid_t clock = CLOCK_MONOTONIC;
};

struct Verdict {
  bool leaks = false;
  double t = 0;              // of the last repetition, the largest of all croppings
  double difference_ns = 0;  // near minus far, where `t` is
  double error_ns = 0;       // its standard error
  int repetitions = 0;
  // Every guess was refused, and what is right was not: else the figures mean nothing.
  bool is_valid = true;
};

// With `samples` guesses of each class. Without a leak one repetition in some ten thousand exceeds the bar by
// chance, and on a busy machine a few more; with one each does. So it leaks what exceeds the bar in three of three.
Verdict look_for_leak(const Check& check, std::size_t samples, Random& random);

// `name: |t| 1.23, …`
std::string text_of(const std::string& name, std::size_t samples, const Verdict& verdict);

}  // namespace paylink::timing
