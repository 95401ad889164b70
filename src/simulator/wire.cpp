#include "simulator/wire.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace paylink::simulator {
namespace {

constexpr std::chrono::minutes patience{5};
constexpr std::chrono::milliseconds tick{5};  // how soon a peer that has gone is noticed

// False when the peer has gone. What it says is not listened to.
bool is_there(int socket) {
  char byte;
  const auto heard = ::recv(socket, &byte, 1, MSG_DONTWAIT);
  return heard > 0 || (heard < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

}  // namespace

Wire::Wire() : thread_([this] { run(); }) {}

Wire::~Wire() { stop(); }

void Wire::later(std::chrono::milliseconds time, std::function<void()> step) {
  std::unique_lock lock(mutex_);
  if (is_stopping_) {
    lock.unlock();
    return step();
  }
  steps_.push_back({std::chrono::steady_clock::now() + time, std::move(step)});
  changed_.notify_one();
}

void Wire::drip(int socket, std::string bytes, std::chrono::milliseconds pause) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (is_stopping_) {
    ::close(socket);
    return;
  }
  victims_.push_back({socket, std::move(bytes), pause, now, now + patience});
  changed_.notify_one();
}

void Wire::reset(int socket, std::string_view bytes) {
  (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  // Time for the peer to read it: what is in flight is thrown away with the connection.
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const linger rude{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &rude, sizeof rude);
  ::close(socket);
}

void Wire::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Wire::run() {
  std::unique_lock lock(mutex_);
  for (bool is_last = false; !is_last;) {
    wait(lock);
    is_last = is_stopping_;
    const auto now = is_last ? Moment::max() : std::chrono::steady_clock::now();
    treat_victims(now);
    auto due = take_due(now);
    lock.unlock();
    for (Step& step : due) step.run();
    lock.lock();
  }
}

void Wire::wait(std::unique_lock<std::mutex>& lock) {
  if (is_stopping_) return;
  const auto first = std::ranges::min_element(steps_, {}, &Step::due);
  if (first == steps_.end() && victims_.empty()) return changed_.wait(lock);
  Moment until = first == steps_.end() ? Moment::max() : first->due;
  if (!victims_.empty()) until = std::min(until, std::chrono::steady_clock::now() + tick);
  changed_.wait_until(lock, until);
}

std::vector<Wire::Step> Wire::take_due(Moment now) {
  const auto due = std::ranges::partition(steps_, [now](const Step& step) { return step.due > now; });
  std::vector<Step> taken(std::move_iterator(due.begin()), std::move_iterator(due.end()));
  steps_.erase(due.begin(), due.end());
  return taken;
}

void Wire::treat_victims(Moment now) {
  std::erase_if(victims_, [now](Victim& victim) { return is_over(victim, now); });
}

bool Wire::is_over(Victim& victim, Moment now) {
  bool over = now >= victim.end || !is_there(victim.socket);
  if (!over && victim.sent < victim.bytes.size() && now >= victim.due) {
    over = ::send(victim.socket, &victim.bytes[victim.sent], 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1;
    ++victim.sent;
    victim.due = now + victim.pause;
    over = over || victim.sent == victim.bytes.size();
  }
  if (over) ::close(victim.socket);
  return over;
}

}  // namespace paylink::simulator
