#include "runtime/client_limiter.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/ensure.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds short_length = 10s;
constexpr nanoseconds long_length = 10min;
constexpr nanoseconds unauthorized_length = 1h;
constexpr std::uint32_t lookups_per_second = 20;
constexpr auto refusals_apart = 10ms;
constexpr auto pause_max = 5'000ms;

// The networks around a client's own /64, and how many times a client's share each may have.
struct Surrounding {
  std::uint8_t bits;
  std::uint32_t factor;
};
constexpr Surrounding surroundings[] = {{48, 16}, {32, 64}};

}  // namespace

ClientLimiter::ClientLimiter(const ClientLimits& limits, http::Loopback loopback, std::uint64_t seed, std::size_t room)
    : limits_(limits),
      loopback_(loopback),
      seed_(seed),
      sets_count_(room / ways),
      sets_(std::make_unique<Set[]>(sets_count_)) {
  ENSURE(sets_count_ > 0);
}

ClientLimiter::Set& ClientLimiter::set_of(const http::ClientNetwork& client) {
  return sets_[client.hash(seed_) % sets_count_];
}

// Who spent least, and of those who has been away longest.
std::size_t ClientLimiter::least(Set& set, Moment now) {
  std::size_t found = 0;
  std::uint32_t found_spent = 0;
  for (std::size_t i = 0; i < ways; ++i) {
    Entry& entry = set.entries[i];
    entry.long_window.advance(now, long_length);
    entry.unauthorized.advance(now, unauthorized_length);
    const std::uint32_t spent = entry.long_window.sum() + entry.unauthorized.sum();
    const bool is_less =
        spent < found_spent || (spent == found_spent && entry.last_seen < set.entries[found].last_seen);
    if (i > 0 && !is_less) continue;
    found = i;
    found_spent = spent;
  }
  return found;
}

ClientLimiter::Entry& ClientLimiter::entry_of(Set& set, const http::ClientNetwork& client, Moment now) {
  const auto end = set.clients.begin() + static_cast<std::ptrdiff_t>(set.entries.size());
  const auto known = std::find(set.clients.begin(), end, client);
  auto place = static_cast<std::size_t>(known - set.clients.begin());
  if (known == end) {
    place = set.entries.size() < ways ? set.entries.size() : least(set, now);
    if (place == set.entries.size()) set.entries.emplace_back();
    set.clients[place] = client;
    set.entries[place] = Entry{};
  }
  set.entries[place].last_seen = now;
  return set.entries[place];
}

Slowdown ClientLimiter::slow_down(Entry& entry, Moment now, nanoseconds wait) {
  const Moment answered_at = std::max(entry.next_refusal, now);
  entry.next_refusal = std::min<Moment>(answered_at + refusals_apart, now + pause_max);
  return {std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1)),
          std::chrono::duration_cast<std::chrono::milliseconds>(answered_at - now)};
}

std::optional<Slowdown> ClientLimiter::take(const http::ClientNetwork& client, std::uint32_t factor, Moment now) {
  Set& set = set_of(client);
  const std::lock_guard lock(set.mutex);
  Entry& entry = entry_of(set, client, now);
  entry.short_window.advance(now, short_length);
  entry.long_window.advance(now, long_length);
  const std::uint32_t short_limit = limits_.requests_per_10s * factor;
  const std::uint32_t long_limit = limits_.requests_per_10min * factor;
  if (entry.short_window.sum() >= short_limit || entry.long_window.sum() >= long_limit)
    return slow_down(entry, now,
                     std::max(entry.short_window.until_below(short_limit, now, short_length),
                              entry.long_window.until_below(long_limit, now, long_length)));
  entry.short_window.add();
  entry.long_window.add();
  ++entry.untold_requests;
  return std::nullopt;
}

void ClientLimiter::take_back(const http::ClientNetwork& client, Moment now) {
  Set& set = set_of(client);
  const std::lock_guard lock(set.mutex);
  Entry& entry = entry_of(set, client, now);
  entry.short_window.take_back();
  entry.long_window.take_back();
  // It may have been told just now; then the others count one too many.
  if (entry.untold_requests > 0) --entry.untold_requests;
}

std::optional<Slowdown> ClientLimiter::admit(const http::ClientNetwork& client, Moment now) {
  if (loopback_ == http::Loopback::exempt && client.is_loopback()) return std::nullopt;
  if (auto refused = take(client, 1, now)) return refused;
  for (const Surrounding& around : surroundings) {
    const auto network = client.wider(around.bits);
    if (!network) break;
    auto refused = take(*network, around.factor, now);
    if (!refused) continue;
    // What does not go on costs nobody anything.
    take_back(client, now);
    for (const Surrounding& inner : surroundings) {
      if (inner.bits == around.bits) break;
      take_back(*client.wider(inner.bits), now);
    }
    return refused;
  }
  return std::nullopt;
}

std::optional<Slowdown> ClientLimiter::fail_to_authenticate(const http::ClientNetwork& client, Moment now) {
  if (loopback_ == http::Loopback::exempt && client.is_loopback()) return std::nullopt;
  Set& set = set_of(client);
  const std::lock_guard lock(set.mutex);
  Entry& entry = entry_of(set, client, now);
  entry.unauthorized.advance(now, unauthorized_length);
  if (entry.unauthorized.sum() >= limits_.unauthorized_per_hour)
    return slow_down(entry, now,
                     entry.unauthorized.until_below(limits_.unauthorized_per_hour, now, unauthorized_length));
  entry.unauthorized.add();
  ++entry.untold_unauthorized;
  return std::nullopt;
}

std::optional<Slowdown> ClientLimiter::look_up(const http::ClientNetwork& client, Moment now) {
  if (loopback_ == http::Loopback::exempt && client.is_loopback()) return std::nullopt;
  Set& set = set_of(client);
  const std::lock_guard lock(set.mutex);
  Entry& entry = entry_of(set, client, now);
  entry.unauthorized.advance(now, unauthorized_length);
  if (entry.unauthorized.sum() < limits_.unauthorized_per_hour) return std::nullopt;
  if (now - entry.lookups_begin >= 1s) {
    entry.lookups_begin = now;
    entry.lookups = 0;
  }
  if (entry.lookups >= lookups_per_second) return slow_down(entry, now, entry.lookups_begin + 1s - now);
  ++entry.lookups;
  return std::nullopt;
}

std::vector<ClientCount> ClientLimiter::untold() const {
  std::vector<ClientCount> found;
  for (std::size_t i = 0; i < sets_count_; ++i) {
    const Set& set = sets_[i];
    const std::lock_guard lock(set.mutex);
    for (std::size_t way = 0; way < set.entries.size(); ++way) {
      const Entry& entry = set.entries[way];
      const ClientCount count{set.clients[way], entry.untold_requests, entry.untold_unauthorized};
      if (count.sum() > 0) found.push_back(count);
    }
  }
  return found;
}

std::optional<ClientCount> ClientLimiter::take_untold(const http::ClientNetwork& client) {
  Set& set = set_of(client);
  const std::lock_guard lock(set.mutex);
  const auto end = set.clients.begin() + static_cast<std::ptrdiff_t>(set.entries.size());
  const auto known = std::find(set.clients.begin(), end, client);
  if (known == end) return std::nullopt;  // forgotten meanwhile
  Entry& entry = set.entries[static_cast<std::size_t>(known - set.clients.begin())];
  const ClientCount taken{client, std::exchange(entry.untold_requests, 0), std::exchange(entry.untold_unauthorized, 0)};
  if (taken.sum() == 0) return std::nullopt;
  return taken;
}

std::vector<ClientCount> ClientLimiter::take_admitted(std::size_t limit) {
  std::vector<ClientCount> chosen = untold();
  if (chosen.size() > limit) {
    const auto end = chosen.begin() + static_cast<std::ptrdiff_t>(limit);
    std::ranges::nth_element(chosen, end, std::greater(), &ClientCount::sum);
    chosen.erase(end, chosen.end());
  }
  // They may have gone on meanwhile: what is taken is what is there now.
  std::vector<ClientCount> taken;
  taken.reserve(chosen.size());
  for (const ClientCount& count : chosen)
    if (const auto current = take_untold(count.client)) taken.push_back(*current);
  return taken;
}

void ClientLimiter::add_foreign(std::span<const ClientCount> counts, nanoseconds age, Moment now) {
  for (const ClientCount& count : counts) {
    Set& set = set_of(count.client);
    const std::lock_guard lock(set.mutex);
    Entry& entry = entry_of(set, count.client, now);
    entry.short_window.advance(now, short_length);
    entry.long_window.advance(now, long_length);
    entry.unauthorized.advance(now, unauthorized_length);
    entry.short_window.add_past(count.requests, age, now, short_length);
    entry.long_window.add_past(count.requests, age, now, long_length);
    entry.unauthorized.add_past(count.unauthorized, age, now, unauthorized_length);
  }
}

std::size_t ClientLimiter::remembered() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < sets_count_; ++i) {
    const std::lock_guard lock(sets_[i].mutex);
    count += sets_[i].entries.size();
  }
  return count;
}

}  // namespace paylink::runtime
