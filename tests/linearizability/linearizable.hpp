#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

// Whether what clients were told can be told by one thing that does one step at a time (Wing and Gong 1993, with Lowe's
// memory of what was tried; 2017).
namespace paylink::linearizability {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

// When a step was asked for and when its answer was there, by one clock. Without an answer nobody knows whether it has
// taken effect, or will.
struct Span {
  std::uint64_t asked = 0;
  std::uint64_t answered = never;
};

// A `Model` has a `State`, which is a `std::uint64_t` or compares and hashes like one, a `Step` with a `Span span` and
// an optional index `after` of the step that the same request took first, and
//   bool apply(State& state, const Step& step): whether the step may be answered so in that state, which it changes.
template <class Model>
class Search {
 public:
  using State = typename Model::State;
  using Step = typename Model::Step;

  Search(const Model& model, std::span<const Step> steps) : model_(model), steps_(steps), done_(steps.size(), '0') {}

  bool finds_an_order(State state) {
    if (is_over()) return true;
    if (!tried_.insert(done_ + std::to_string(state)).second) return false;
    const std::uint64_t first_answer = earliest_answer();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!may_be_next(i, first_answer)) continue;
      State next = state;
      if (!model_.apply(next, steps_[i])) continue;
      done_[i] = '1';
      if (finds_an_order(next)) return true;
      done_[i] = '0';
    }
    return false;
  }

 private:
  // What was never answered need not have happened.
  bool is_over() const {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (done_[i] == '0' && steps_[i].span.answered != never) return false;
    return true;
  }
  std::uint64_t earliest_answer() const {
    std::uint64_t earliest = never;
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (done_[i] == '0') earliest = std::min(earliest, steps_[i].span.answered);
    return earliest;
  }
  bool may_be_next(std::size_t i, std::uint64_t first_answer) const {
    const Step& step = steps_[i];
    return done_[i] == '0' && step.span.asked <= first_answer && (!step.after || done_[*step.after] == '1');
  }

  const Model& model_;
  const std::span<const Step> steps_;
  std::string done_;  // a flag for each
  std::unordered_set<std::string> tried_;
};

template <class Model>
bool is_linearizable(const Model& model, std::span<const typename Model::Step> steps) {
  return Search<Model>(model, steps).finds_an_order({});
}

}  // namespace paylink::linearizability
