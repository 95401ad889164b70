#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/sums.hpp"

namespace paylink::sql {

// Which transactions somebody sees: those that had ended when it was made. Of two snapshots of a server one sees all
// that the other one does. Another server, which took over what the first one had told it, may give the same numbers to
// other transactions.
class Snapshot {
 public:
  // All that began before `first_running` have ended, and none that began at `end` or later. `server`: whatever no two
  // of them share.
  Snapshot(std::uint64_t first_running, std::uint64_t end, std::vector<std::uint64_t> running, std::int64_t server = 0);

  std::uint64_t first_running() const { return first_running_; }
  bool sees(std::uint64_t transaction) const;
  bool is_of_server_of(const Snapshot& other) const { return server_ == other.server_; }
  bool sees_all_of(const Snapshot& other) const { return ended() >= other.ended(); }

 private:
  std::uint64_t ended() const { return end_ - running_.size(); }  // how many transactions

  std::uint64_t first_running_, end_;
  std::vector<std::uint64_t> running_;  // in ascending order
  std::int64_t server_;
};

// What a transaction has added to a count, as `Sum` says.
struct CountChange {
  std::uint64_t transaction;
  std::string name;
  std::int64_t amount;
  Entry entry;
};

// What somebody sees that somebody else did not.
struct CountChanges {
  Snapshot snapshot;
  std::vector<CountChange> changes;  // one transaction after the other
};

}  // namespace paylink::sql
