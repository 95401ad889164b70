#include "domain/link_status.hpp"

#include <algorithm>

namespace paylink {

bool keeps_open(const LinkFacts& link, const AttemptFacts& attempt) {
  return !attempt.superseded && !is_final(attempt.state) && attempt.created_at < link.expiration_date;
}

LinkStatus link_status(const LinkFacts& link, std::span<const AttemptFacts> attempts, Time now) {
  const bool single = link.reusable == Reusable::no;
  if (single && link.captured == Captured::kept) return LinkStatus::paid;
  const bool in_process = std::ranges::any_of(attempts, [](const AttemptFacts& attempt) {
    return attempt.state == AttemptState::pending || attempt.state == AttemptState::authorized;
  });
  if (single && in_process) return LinkStatus::processing;
  if (link.canceled == Canceled::yes) return LinkStatus::canceled;
  const auto expires_at = expires_effective_at(link, attempts);
  return expires_at && *expires_at <= now ? LinkStatus::expired : LinkStatus::open;
}

std::optional<Time> expires_effective_at(const LinkFacts& link, std::span<const AttemptFacts> attempts) {
  const bool alive =
      std::ranges::any_of(attempts, [&](const AttemptFacts& attempt) { return keeps_open(link, attempt); });
  if (alive) return std::nullopt;
  return link.expiration_date;
}

}  // namespace paylink
