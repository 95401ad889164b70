#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "family.hpp"
#include "workload.hpp"

namespace paylink::faults {

// An application that is allowed the same again and again, and does with what it gets whatever can be done: exchanges,
// uses, renews and revokes it, and presents again what was used.
class Applicant {
 public:
  Applicant(const Target& target, Violations& violations, std::uint64_t seed, Trigger& trigger);

  // False when a server is gone, or there is nothing to do.
  bool act();
  std::vector<Family>& families() { return families_; }

 private:
  std::uint64_t below(std::uint64_t limit) { return choices_() % limit; }
  Client& client() { return *clients_[node_]; }
  bool begin();
  bool go_on(Family& family);
  Step choose(const Family& family);
  // False when nothing was answered.
  bool heard(Told told);

  const Target& target_;
  const Steward steward_;
  Trigger& trigger_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t node_ = 0;  // the client in use
  std::mt19937_64 choices_;
  std::vector<Family> families_;
  int begun_ = 0;
};

}  // namespace paylink::faults
