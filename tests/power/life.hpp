#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service.hpp"

namespace paylink::power {

// How a life of the program ended.
enum class End : std::uint8_t {
  served,       // to its end
  not_started,  // it said why, and ended
  unanswered,   // it did not know what became of a commit, and ended without a word
  broken,       // anything else: killed by a signal, or it hung
};

struct Life {
  End end = End::broken;
  bool has_struck = false;                // the fault
  bool goes_on = false;                   // once the fault is gone, in the same process
  std::string why_not;                    // when it does not
  std::vector<std::size_t> accepted_at;   // where in the log somebody was told yes
  std::optional<std::size_t> refused_at;  // where the first no was said
  std::string bad_answers;                // failures that are not those of a storage that is not available
  std::array<int, 5> calls{};
  std::vector<Promise> promises;
  std::vector<Operation> log;
};

// Lives in a process of its own, forked from this one, which must have one thread: on what `files` are, with `fault`
// armed from its start. Then it goes through `flow`; without one only a link is created, with identifiers and a title
// that no other life draws.
Life live(World& world, const Files& files, const Numbers& numbers, const Flow* flow, const Fault& fault);

}  // namespace paylink::power
