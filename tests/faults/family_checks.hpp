#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "family.hpp"
#include "workload.hpp"

namespace paylink::faults {

// After a restart: of the families that applications have held, what is good works, what has ended never does again,
// and whatever was used ends all that came of it when it comes once more. Any node is asked. (I8)
class FamilyChecks {
 public:
  FamilyChecks(Violations& violations, std::uint64_t seed) : violations_(violations), choices_(seed) {}

  // When each node has had time to notice what has ended. None of them is good any more afterwards.
  void verify(const Target& target, std::vector<Family> families);

  // The session of somebody who may allow tokens: one lasts, over however many restarts.
  const std::string& sign_in(const Target& target);
  void forget_session() { session_.clear(); }

 private:
  Client& anybody() { return *clients_[choices_() % clients_.size()]; }
  void verify_ended(const Steward& steward, Family& family);
  void end(const Steward& steward, Family& family);
  // Until somebody answers.
  void take(const Steward& steward, Family& family, Step step);

  Violations& violations_;
  std::mt19937_64 choices_;
  std::vector<std::unique_ptr<Client>> clients_;  // to each node
  std::vector<Family> ended_;
  std::string session_;  // empty when nobody is signed in
};

}  // namespace paylink::faults
