#include "family_checks.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

namespace paylink::faults {
namespace {

constexpr std::size_t ended_families_tried = 10;  // again after every restart
constexpr std::chrono::seconds time_to_answer{4};

}  // namespace

void FamilyChecks::verify(const Target& target, std::vector<Family> families) {
  clients_.clear();
  for (std::size_t node = 0; node < target.ports.size(); ++node) clients_.push_back(target.connect_as_nobody(node));
  const Steward steward(target.application, violations_);
  for (std::size_t i = ended_.size() - std::min(ended_.size(), ended_families_tried); i < ended_.size(); ++i)
    verify_ended(steward, ended_[i]);
  for (auto& family : families) {
    if (family.in_doubt) take(steward, family, *family.in_doubt);
    steward.check_good(anybody(), family);
    verify_ended(steward, family);
    if (!family.has_ended) end(steward, family);
    ended_.push_back(std::move(family));
  }
}

const std::string& FamilyChecks::sign_in(const Target& target) {
  const auto client = target.connect_as_nobody(choices_() % target.ports.size());
  if (!session_.empty() && target.application.is_signed_in(*client, session_)) return session_;
  if (!session_.empty()) violations_.add("I8", "who was signed in is not any more");
  session_ = target.application.sign_in(*client);
  if (session_.empty()) violations_.add("I8", "nobody can sign in");
  return session_;
}

void FamilyChecks::verify_ended(const Steward& steward, Family& family) {
  steward.check_ended(anybody(), family);
  if (family.has_ended) take(steward, family, family.refresh.empty() ? Step::redeem : Step::renew);
}

// In one of the ways in which families end. Of that only refresh tokens are tried at once: a node may believe in an
// access token for a moment, and the next cycle looks at those.
void FamilyChecks::end(const Steward& steward, Family& family) {
  constexpr std::array ways = {Step::revoke_refresh, Step::replay_code, Step::replay_refresh};
  const Step way = ways[choices_() % ways.size()];
  if (family.refresh.empty()) take(steward, family, Step::redeem);
  if (!Steward::is_possible(family, way)) take(steward, family, Step::renew);
  if (Steward::is_possible(family, way)) take(steward, family, way);
  if (family.has_ended) take(steward, family, Step::renew);
}

void FamilyChecks::take(const Steward& steward, Family& family, Step step) {
  const auto end = std::chrono::steady_clock::now() + time_to_answer;
  for (;;) {
    const Told told = steward.take(anybody(), family, step);
    if (told == Told::done || told == Told::refused) return;
    if (std::chrono::steady_clock::now() >= end) return violations_.add("I8", "no answer about " + describe(family));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace paylink::faults
