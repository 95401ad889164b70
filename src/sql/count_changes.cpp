#include "sql/count_changes.hpp"

#include <algorithm>
#include <utility>

#include "base/ensure.hpp"

namespace paylink::sql {

Snapshot::Snapshot(std::uint64_t first_running, std::uint64_t end, std::vector<std::uint64_t> running,
                   std::int64_t server)
    : first_running_(first_running), end_(end), running_(std::move(running)), server_(server) {
  ENSURE(first_running_ <= end_ && running_.size() <= end_ - first_running_);
  ENSURE(std::ranges::is_sorted(running_));
}

bool Snapshot::sees(std::uint64_t transaction) const {
  if (transaction < first_running_) return true;
  return transaction < end_ && !std::ranges::binary_search(running_, transaction);
}

}  // namespace paylink::sql
