#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "stage.hpp"

namespace paylink::interleavings {

// Whether two ways that led to the same are gone on from twice.
enum class Same : std::uint8_t { met_once, walked_again };

struct Tally {
  std::uint64_t interleavings = 0;  // from the first step to the last
  std::uint64_t states = 0;         // that were told apart
  std::uint64_t violations = 0;

  void add(const Tally& other);
};

// Goes every way that a scenario can go, depth first: to another way from the middle of one it comes from the start,
// since coroutines cannot be copied. What was gone on from before is not again: all that can still happen depends on
// the fingerprint.
class Explorer {
 public:
  explicit Explorer(const Scenario& scenario, Same same = Same::met_once)
      : scenario_(scenario), same_(same), stage_(scenario) {}

  // Violations are told with the schedule that leads to them, one letter a step; the first few.
  Tally explore();
  // One way of many, chosen by the seed.
  Tally wander(std::uint64_t seed);

 private:
  std::uint64_t walk();
  void step(std::size_t actor);
  void return_to(std::size_t depth);
  std::uint64_t finish();
  void complain(const std::string& sentence);

  const Scenario scenario_;
  const Same same_;
  Stage stage_;
  Tally tally_;
  std::vector<std::size_t> schedule_;
  std::unordered_map<std::string, std::uint64_t> ways_from_;  // to the end, by the fingerprint
};

}  // namespace paylink::interleavings
