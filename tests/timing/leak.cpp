#include "leak.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace paylink::timing {
namespace {

constexpr double bar = 4.5;  // quality.md, A9; dudect's own
constexpr int repetitions_max = 3;
constexpr std::size_t batch_max = 1000;
constexpr std::size_t least = 8;  // of each class, for a variance to mean something
constexpr std::array kept_shares = {1.0, 0.99, 0.95, 0.9, 0.75, 0.5};

using Times = std::vector<double>;

struct Measured {
  Times near, far;
  std::size_t accepted = 0;
};

// Read directly: the less there is around the call, the better.
double now_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// As many near as far ones, in an order that nothing can follow.
std::vector<Guess> shuffled(std::size_t size, Random& random) {
  std::vector<Guess> kinds(size, Guess::near);
  std::fill(kinds.begin() + static_cast<std::ptrdiff_t>(size / 2), kinds.end(), Guess::far);
  for (std::size_t left = size; left > 1; --left) std::swap(kinds[left - 1], kinds[random.number() % left]);
  return kinds;
}

// What is guessed is made before anything is measured, so that making it leaves no trace in caches and predictors.
void measure_batch(const Check& check, std::size_t size, Random& random, Measured& measured) {
  const std::vector<Guess> kinds = shuffled(size, random);
  std::vector<std::string> guesses;
  guesses.reserve(size);
  for (const Guess kind : kinds) guesses.push_back(check.guess(kind));
  for (std::size_t i = 0; i < size; ++i) {
    const double begun = now_ns(check.clock);
    const bool accepted = check.accepts(guesses[i]);
    const double ended = now_ns(check.clock);
    measured.accepted += accepted ? 1 : 0;
    (kinds[i] == Guess::near ? measured.near : measured.far).push_back(ended - begun);
  }
}

Measured measure(const Check& check, std::size_t samples, Random& random) {
  Measured warm, measured;
  measure_batch(check, std::min(batch_max, samples / 10 + 1), random, warm);
  for (std::size_t left = 2 * samples; left > 0;) {
    const std::size_t size = std::min(left, batch_max);
    measure_batch(check, size, random, measured);
    left -= size;
  }
  measured.accepted += warm.accepted;
  return measured;
}

// Of what took no longer than `longest`.
struct Summary {
  Summary(const Times& times, double longest) {
    for (const double time : times)
      if (time <= longest) mean += time, ++count;
    if (count < least) return;
    mean /= static_cast<double>(count);
    for (const double time : times)
      if (time <= longest) variance += (time - mean) * (time - mean);
    variance /= static_cast<double>(count - 1);
  }
  double mean = 0, variance = 0;
  std::size_t count = 0;
};

void compare(const Measured& measured, Verdict& verdict) {
  Times all = measured.near;
  all.insert(all.end(), measured.far.begin(), measured.far.end());
  std::ranges::sort(all);
  verdict.t = 0;
  for (const double share : kept_shares) {
    const double longest = all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
    const Summary near(measured.near, longest), far(measured.far, longest);
    // A class of which nearly nothing is left has been told apart by the whole; that is where its figure comes from.
    if (near.count < least || far.count < least) continue;
    const double error =
        std::sqrt(near.variance / static_cast<double>(near.count) + far.variance / static_cast<double>(far.count));
    const double difference = near.mean - far.mean;
    const double t = std::abs(difference) / std::max(error, 1e-9);
    if (t >= verdict.t) verdict.t = t, verdict.difference_ns = difference, verdict.error_ns = error;
  }
}

}  // namespace

Verdict look_for_leak(const Check& check, std::size_t samples, Random& random) {
  Verdict verdict;
  do {
    const Measured measured = measure(check, samples, random);
    verdict.is_valid = verdict.is_valid && measured.accepted == 0;
    compare(measured, verdict);
    verdict.leaks = verdict.t >= bar;
    ++verdict.repetitions;
  } while (verdict.leaks && verdict.repetitions < repetitions_max);
  if (!check.right.empty()) verdict.is_valid = verdict.is_valid && check.accepts(check.right);
  return verdict;
}

std::string text_of(const std::string& name, std::size_t samples, const Verdict& verdict) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "%-44s |t| %7.2f, %9.2f ns +- %.2f, %zu samples each, repetition %d",
                name.c_str(), verdict.t, verdict.difference_ns, verdict.error_ns, samples, verdict.repetitions);
  return text.data();
}

}  // namespace paylink::timing
