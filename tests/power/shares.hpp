#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

// What the programs of this folder share: their numbers come from the environment, and each core has a process.
namespace paylink::power {

inline std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

// `run(share, shares)` in as many processes as there are cores; what each came to, absent for one that ended before its
// share was done. To be called while this process has one thread.
template <class Outcome>
std::vector<std::optional<Outcome>> in_shares(const std::function<Outcome(std::uint64_t, std::uint64_t)>& run) {
  static_assert(std::is_trivially_copyable_v<Outcome>);
  const std::uint64_t shares = std::max(1U, std::thread::hardware_concurrency());
  std::vector<int> pipes;
  for (std::uint64_t share = 0; share < shares; ++share) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    if (::fork() == 0) {
      const Outcome outcome = run(share, shares);
      ::_exit(::write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
    }
    ::close(ends[1]);
    pipes.push_back(ends[0]);
  }
  std::vector<std::optional<Outcome>> outcomes;
  for (const int pipe : pipes) {
    Outcome outcome{};
    if (::read(pipe, &outcome, sizeof outcome) == sizeof outcome)
      outcomes.emplace_back(outcome);
    else
      outcomes.emplace_back();
    ::close(pipe);
  }
  while (::wait(nullptr) > 0) {
  }
  return outcomes;
}

}  // namespace paylink::power
