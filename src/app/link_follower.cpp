#include "app/link_follower.hpp"

namespace paylink::app {

void LinkFollower::note_list(OrganizationId organization) {
  if (!marks_.wants(organization)) return;
  start(
      follow(organization),
      [this, organization](const Result<>& followed) {
        if (!followed) marks_.give_up(organization);
      },
      [this, organization](const std::exception_ptr&) { marks_.give_up(organization); });
}

// In a transaction that writes: whatever was committed before it has been told by then, and what comes after, or
// together with it, is told later, and is not in the counts, which are written at the end.
Task<Result<>> LinkFollower::follow(OrganizationId organization) {
  bool is_logged = false;
  const auto begin = [&](sql::Transaction& tx) -> Result<> {
    is_logged = TRY(tx.follow_counts(organization.uuid()));
    if (!is_logged) marks_.follow(organization, TRY(store::LinkCounts(tx).find(organization)));
    return {};
  };
  auto begun = co_await lane_.write(organization, begin);
  if (begun && is_logged) marks_.follow_log(organization);
  co_return begun;
}

}  // namespace paylink::app
