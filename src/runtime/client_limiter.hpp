#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "http/client_network.hpp"
#include "runtime/client_counts.hpp"
#include "runtime/sliding_window.hpp"

namespace paylink::runtime {

// What one client may do (contract.md 3).
struct ClientLimits {
  std::uint32_t requests_per_10s = 1'000;
  std::uint32_t requests_per_10min = 10'000;
  std::uint32_t unauthorized_per_hour = 200;  // answers of 401
};

// Too much: what to tell the client, and how long to let him wait for it.
struct Slowdown {
  std::chrono::seconds retry_after;  // rounded up, at least one: from then on the same request gets through
  std::chrono::milliseconds pause;   // so that he gets one refusal in ten milliseconds; five seconds at most
};

// Counts the requests of each client: those of this node, and what it is told of other nodes. Safe from any thread; a
// question about a client costs some tens of nanoseconds, whatever was asked before, and allocates for new ones only.
//
// A fixed number of clients is remembered. Where there is no room, whoever spent least is forgotten: to make it forget
// n requests of his, an attacker must spend n requests from each of seven other addresses that he cannot choose,
// because the hash is seeded. He who owns more of IPv6 than a /64 gains little by moving about in it: a /48 gets 16
// times, and a /32 64 times, what one client gets.
class ClientLimiter {
 public:
  static constexpr std::size_t clients_max = 16'384;

  // `room` is for how many clients: a multiple of eight.
  ClientLimiter(const ClientLimits& limits, http::Loopback loopback, std::uint64_t seed,
                std::size_t room = clients_max);

  // One request. Nothing when it may go on, and then it has been counted; a refused one is not.
  std::optional<Slowdown> admit(const http::ClientNetwork& client, Moment now);

  // One failed attempt to authenticate. Nothing when it may be answered with 401, and then it has been counted; a
  // refused one is not.
  std::optional<Slowdown> fail_to_authenticate(const http::ClientNetwork& client, Moment now);

  // Before credentials that nobody has seen to be good are looked up. A client that has no more answers of 401 left
  // gets twenty such lookups a second: enough that good ones are found, too few to keep the storage busy.
  std::optional<Slowdown> look_up(const http::ClientNetwork& client, Moment now);

  // What has been let through here and was not yet taken, of at most `limit` clients and networks around them: of those
  // with most. The rest stays for the next time. Costs about a millisecond.
  std::vector<ClientCount> take_admitted(std::size_t limit);

  // What another node has let through, `age` ago. It counts as if it had been let through here, but is not taken again.
  void add_foreign(std::span<const ClientCount> counts, std::chrono::nanoseconds age, Moment now);

  // For tests: how many clients are remembered.
  std::size_t remembered() const;

 private:
  static constexpr std::size_t ways = 8;

  struct Entry {
    SlidingWindow short_window;
    SlidingWindow long_window;
    SlidingWindow unauthorized;
    Moment last_seen{};
    Moment next_refusal{};      // not to be answered sooner
    std::uint32_t lookups = 0;  // within a second from `lookups_begin`
    Moment lookups_begin{};
    std::uint32_t untold_requests = 0;  // let through here, and no other node knows
    std::uint32_t untold_unauthorized = 0;
  };
  // Clients whose hashes are alike.
  struct Set {
    mutable std::mutex mutex;
    std::array<http::ClientNetwork, ways> clients;
    std::vector<Entry> entries;  // of so many of them
  };

  Set& set_of(const http::ClientNetwork& client);
  static Entry& entry_of(Set& set, const http::ClientNetwork& client, Moment now);
  static std::size_t least(Set& set, Moment now);
  static Slowdown slow_down(Entry& entry, Moment now, std::chrono::nanoseconds wait);
  std::optional<Slowdown> take(const http::ClientNetwork& client, std::uint32_t factor, Moment now);
  void take_back(const http::ClientNetwork& client, Moment now);
  std::vector<ClientCount> untold() const;
  std::optional<ClientCount> take_untold(const http::ClientNetwork& client);

  const ClientLimits limits_;
  const http::Loopback loopback_;
  const std::uint64_t seed_;
  const std::size_t sets_count_;
  const std::unique_ptr<Set[]> sets_;
};

}  // namespace paylink::runtime
