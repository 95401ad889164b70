#include "explorer.hpp"

#include <cstdio>
#include <random>

namespace paylink::interleavings {
namespace {

constexpr std::uint64_t told_max = 5;

}  // namespace

void Tally::add(const Tally& other) {
  interleavings += other.interleavings;
  states += other.states;
  violations += other.violations;
}

Tally Explorer::explore() {
  tally_ = {};
  return_to(0);
  tally_.interleavings = walk();
  return tally_;
}

Tally Explorer::wander(std::uint64_t seed) {
  tally_ = {};
  return_to(0);
  std::mt19937_64 choice(seed);
  for (auto ready = stage_.ready(); !ready.empty(); ready = stage_.ready()) {
    ++tally_.states;
    step(ready[choice() % ready.size()]);
  }
  tally_.interleavings = finish();
  return tally_;
}

// Answers how many ways lead from here to the end. The stage is somewhere else afterwards.
std::uint64_t Explorer::walk() {
  const std::string here = same_ == Same::met_once ? stage_.fingerprint() : std::string();
  if (const auto known = ways_from_.find(here); known != ways_from_.end()) return known->second;
  ++tally_.states;
  const auto ready = stage_.ready();
  const std::size_t depth = schedule_.size();
  std::uint64_t ways = ready.empty() ? finish() : 0;
  for (const std::size_t actor : ready) {
    if (actor != ready.front()) return_to(depth);
    step(actor);
    ways += walk();
    schedule_.resize(depth);
  }
  if (same_ == Same::met_once) ways_from_.emplace(here, ways);
  return ways;
}

void Explorer::step(std::size_t actor) {
  schedule_.push_back(actor);
  stage_.step(actor);
  if (const std::string wrong = stage_.check(); !wrong.empty()) complain(wrong);
}

// From the start, as it was gone before.
void Explorer::return_to(std::size_t depth) {
  schedule_.resize(depth);
  stage_.begin_again();
  for (const std::size_t actor : schedule_) stage_.step(actor);
  stage_.check();
}

std::uint64_t Explorer::finish() {
  if (const std::string wrong = stage_.settle(); !wrong.empty()) complain(wrong);
  return 1;
}

void Explorer::complain(const std::string& sentence) {
  if (tally_.violations++ >= told_max || scenario_.breakage != Breakage::none) return;
  std::string letters;
  for (const std::size_t actor : schedule_) letters += stage_.letter(actor);
  std::printf("VIOLATION %s, %s: %s\n", scenario_.name.c_str(), letters.c_str(), sentence.c_str());
}

}  // namespace paylink::interleavings
