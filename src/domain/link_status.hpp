#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "domain/attempt.hpp"
#include "domain/names.hpp"

namespace paylink {

enum class LinkStatus : std::uint8_t { open, expired, canceled, paid, processing };

inline constexpr auto link_status_names = names<LinkStatus>({
    {LinkStatus::open, "open"},
    {LinkStatus::expired, "expired"},
    {LinkStatus::canceled, "canceled"},
    {LinkStatus::paid, "paid"},
    {LinkStatus::processing, "processing"},
});

enum class Reusable : std::uint8_t { no, yes };
enum class Canceled : std::uint8_t { no, yes };
enum class Captured : std::uint8_t { no, kept };

// What is known of a link apart from its attempts.
struct LinkFacts {
  Reusable reusable;
  Canceled canceled;
  Captured captured;  // kept, not yet counting refunds: a refunded link does not reopen
  Time expiration_date;
};

// What counts of one attempt.
struct AttemptFacts {
  AttemptState state;
  Time created_at;
  bool superseded;
};

// An attempt that was begun in time and may still end well keeps its link from expiring.
bool keeps_open(const LinkFacts& link, const AttemptFacts& attempt);

// The status of a link: a total function of what is known, evaluated in each commit that changes any of it.
LinkStatus link_status(const LinkFacts& link, std::span<const AttemptFacts> attempts, Time now);

// When the link expires unless something happens: absent while an attempt keeps it open.
std::optional<Time> expires_effective_at(const LinkFacts& link, std::span<const AttemptFacts> attempts);

}  // namespace paylink
