#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "domain/filters.hpp"

namespace paylink::app {

// Where the pages of lists ended that somebody has just read: whoever goes on to the next one continues there. So it
// costs the same wherever it is, and what was there at the beginning comes exactly once, whatever is created or leaves
// the list meanwhile. Forgotten after a minute, and the oldest when there are many: then a page is looked for by its
// number. Safe from any thread.
class PageEnds {
 public:
  static constexpr std::chrono::seconds lifetime{60};

  explicit PageEnds(std::size_t most = 4'096) : most_(most) {}

  // `list` says whose list it is, of what, and of what size its pages are.
  void keep(const std::string& list, std::int64_t page, const LinkPlace& last, Time now);
  std::optional<LinkPlace> find(const std::string& list, std::int64_t page, Time now);

 private:
  struct End {
    LinkPlace last;
    Time kept_at;
  };
  struct Kept {
    std::string key;
    Time at;
  };

  const std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::string, End> ends_;
  std::deque<Kept> kept_;  // in the order in which they came, also those that came again
};

}  // namespace paylink::app
