#include "main/signals.hpp"

#include <csignal>

namespace paylink::main {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

void block_signals() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void wait_for_signal() {
  const sigset_t set = ending_signals();
  int signal = 0;
  sigwait(&set, &signal);
}

void wait_for_signal(std::chrono::milliseconds at_most) {
  const sigset_t set = ending_signals();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
  const timespec time{seconds.count(), std::chrono::nanoseconds(at_most - seconds).count()};
  sigtimedwait(&set, nullptr, &time);
}

}  // namespace paylink::main
