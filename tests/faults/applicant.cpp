#include "applicant.hpp"

#include <algorithm>
#include <array>

namespace paylink::faults {
namespace {

constexpr int families_max = 20;  // in a cycle: each is looked at after it
constexpr std::size_t families_in_use = 4;

}  // namespace

Applicant::Applicant(const Target& target, Violations& violations, std::uint64_t seed, Trigger& trigger)
    : target_(target), steward_(target.application, violations), trigger_(trigger), choices_(seed) {
  for (std::size_t node = 0; node < target.ports.size(); ++node) clients_.push_back(target.connect_as_nobody(node));
}

bool Applicant::act() {
  node_ = below(clients_.size());
  if (!client().connect_if_needed()) return false;
  if (begun_ < families_max && (families_.empty() || below(4) == 0)) return begin();
  if (families_.empty()) return false;  // nobody allows it anything
  return go_on(families_[families_.size() - 1 - below(std::min(families_.size(), families_in_use))]);
}

bool Applicant::begin() {
  ++begun_;
  Told told{};
  auto family = steward_.begin(client(), target_.session, told);
  if (!family.code.empty()) families_.push_back(std::move(family));
  return heard(told);
}

bool Applicant::go_on(Family& family) {
  // Whoever has got no answer tries once more, or gives up.
  if (family.in_doubt) return below(2) == 0 || heard(steward_.take(client(), family, *family.in_doubt));
  if (!family.has_ended && below(4) == 0) {
    steward_.check_good(client(), family);
    return true;
  }
  return heard(steward_.take(client(), family, choose(family)));
}

// Most families are renewed for a while before they end.
Step Applicant::choose(const Family& family) {
  constexpr std::array steps = {Step::renew,         Step::renew,          Step::renew,       Step::renew,
                                Step::revoke_access, Step::revoke_refresh, Step::replay_code, Step::replay_refresh};
  const Step step = steps[below(steps.size())];
  if (Steward::is_possible(family, step)) return step;
  return Steward::is_possible(family, Step::redeem) ? Step::redeem : Step::renew;
}

bool Applicant::heard(Told told) {
  if (told == Told::nothing) return false;
  if (told != Told::unavailable) trigger_.pull(node_, Promise::token);
  return true;
}

}  // namespace paylink::faults
