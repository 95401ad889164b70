#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "domain/filters.hpp"

namespace paylink::app {

// The page of each list that a reader has read last: who asks for the next one within a minute goes on where that
// ended. So it costs the same wherever it is, and what was there at the beginning comes exactly once, whatever is
// created or leaves the list meanwhile. Any other page is looked for by its number, as is everything where several
// nodes serve: they know nothing of what was read from one another. Of many readers the one who has not read for
// longest is forgotten. Safe from any thread.
class PageEnds {
 public:
  static constexpr std::chrono::seconds lifetime{60};
  static constexpr std::chrono::seconds retry_time{35};  // for the same page once more, by whoever got no answer

  explicit PageEnds(std::size_t most = 4'096) : most_(most) {}

  // `list` says whose list it is, of what, and of what size its pages are. `after` is where the page began, when it
  // went on from another, and `last` where it ended, when others follow; one of them is there.
  void keep(const std::string& list, std::int64_t page, const std::optional<LinkPlace>& after,
            const std::optional<LinkPlace>& last, Time now);
  // By whatever else was read of a list it is no longer gone on with.
  void forget(const std::string& list);
  // Where a page that goes on begins.
  std::optional<LinkPlace> find(const std::string& list, std::int64_t page, Time now);

 private:
  struct End {
    std::string list;
    std::int64_t page = 0;
    std::optional<LinkPlace> after;
    std::optional<LinkPlace> last;
    Time first_kept_at, kept_at;
  };
  using Ends = std::list<End>;  // the last kept first

  const std::size_t most_;
  std::mutex mutex_;
  Ends ends_;
  std::unordered_map<std::string_view, Ends::iterator> by_list_;  // by the list's own text
};

}  // namespace paylink::app
