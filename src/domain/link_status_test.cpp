#include "domain/link_status.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace paylink {
namespace {

using enum AttemptState;

const Time expiry = *parse_rfc3339("2027-01-01T00:00:00Z");
const Time in_time = expiry - std::chrono::hours{1};
const Time late = expiry + std::chrono::hours{1};
constexpr std::chrono::microseconds tick{1};

AttemptFacts begun(AttemptState state) { return {state, in_time, false}; }
AttemptFacts superseded(AttemptState state) { return {state, in_time, true}; }

constexpr Reusable once = Reusable::no, many = Reusable::yes;
constexpr Canceled kept_open = Canceled::no, canceled_by_merchant = Canceled::yes;
constexpr Captured nothing = Captured::no, captured = Captured::kept;

TEST(LinkStatus, IsAFunctionOfWhatIsKnown) {
  struct Case {
    const char* name;
    LinkFacts link;
    std::vector<AttemptFacts> attempts;
    Time now;
    const char* status;
  };
  const auto link = [](Reusable reusable, Canceled canceled, Captured capture) {
    return LinkFacts{reusable, canceled, capture, expiry};
  };
  const Case cases[] = {
      {"new", link(once, kept_open, nothing), {}, in_time, "open"},
      {"a moment before it expires", link(once, kept_open, nothing), {}, expiry - tick, "open"},
      {"as it expires", link(once, kept_open, nothing), {}, expiry, "expired"},
      {"canceled", link(once, canceled_by_merchant, nothing), {}, in_time, "canceled"},
      {"canceled, then out of time", link(once, canceled_by_merchant, nothing), {}, late, "canceled"},

      {"payer at the provider", link(once, kept_open, nothing), {begun(open)}, in_time, "open"},
      {"payer at the provider past the end", link(once, kept_open, nothing), {begun(open)}, late, "open"},
      {"superseded payer past the end", link(once, kept_open, nothing), {superseded(open)}, late, "expired"},
      {"one superseded, one alive", link(once, kept_open, nothing), {superseded(open), begun(open)}, late, "open"},
      {"begun at the very end", link(once, kept_open, nothing), {{open, expiry, false}}, late, "expired"},
      {"begun a moment before the end", link(once, kept_open, nothing), {{open, expiry - tick, false}}, late, "open"},
      {"failed past the end", link(once, kept_open, nothing), {begun(failed)}, late, "expired"},
      {"canceled by the payer, in time", link(once, kept_open, nothing), {begun(canceled)}, in_time, "open"},
      {"expired at the provider, in time", link(once, kept_open, nothing), {begun(expired)}, in_time, "open"},

      {"pending", link(once, kept_open, nothing), {begun(pending)}, in_time, "processing"},
      {"authorized", link(once, kept_open, nothing), {begun(authorized)}, in_time, "processing"},
      {"pending past the end", link(once, kept_open, nothing), {begun(pending)}, late, "processing"},
      {"pending though superseded", link(once, kept_open, nothing), {superseded(pending)}, in_time, "processing"},
      {"pending while canceled", link(once, canceled_by_merchant, nothing), {begun(pending)}, in_time, "processing"},
      {"pending among failed ones",
       link(once, kept_open, nothing),
       {begun(failed), begun(pending)},
       in_time,
       "processing"},

      {"paid", link(once, kept_open, captured), {begun(paid)}, in_time, "paid"},
      {"paid, past the end", link(once, kept_open, captured), {begun(paid)}, late, "paid"},
      {"paid, though canceled since", link(once, canceled_by_merchant, captured), {begun(paid)}, late, "paid"},
      {"paid, a second one pending", link(once, kept_open, captured), {begun(paid), begun(pending)}, in_time, "paid"},
      {"paid but not kept: canceled before",
       link(once, canceled_by_merchant, nothing),
       {begun(paid)},
       in_time,
       "canceled"},

      {"reusable: new", link(many, kept_open, nothing), {}, in_time, "open"},
      {"reusable: paid", link(many, kept_open, captured), {begun(paid)}, in_time, "open"},
      {"reusable: pending", link(many, kept_open, nothing), {begun(pending)}, in_time, "open"},
      {"reusable: pending past the end", link(many, kept_open, nothing), {begun(pending)}, late, "open"},
      {"reusable: paid past the end", link(many, kept_open, captured), {begun(paid)}, late, "expired"},
      {"reusable: canceled", link(many, canceled_by_merchant, captured), {begun(paid)}, in_time, "canceled"},
      {"reusable: canceled with one pending",
       link(many, canceled_by_merchant, nothing),
       {begun(pending)},
       in_time,
       "canceled"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(link_status_names.name(link_status(c.link, c.attempts, c.now)), c.status);
  }
}

// Of every combination of facts and up to two attempts: the order paid > processing > canceled > expired > open.
TEST(LinkStatus, KeepsItsOrderInEveryCombination) {
  std::vector<AttemptFacts> each;
  for (const auto& row : attempt_state_names.rows)
    for (const Time created_at : {in_time, late})
      for (const bool was_superseded : {false, true}) each.push_back({row.first, created_at, was_superseded});
  std::vector<std::vector<AttemptFacts>> sets{{}};
  for (const AttemptFacts& first : each) {
    sets.push_back({first});
    for (const AttemptFacts& second : each) sets.push_back({first, second});
  }
  std::size_t checked = 0;
  for (const Reusable reusable : {once, many})
    for (const Canceled canceled_at_all : {kept_open, canceled_by_merchant})
      for (const Captured capture : {nothing, captured})
        for (const Time now : {in_time, expiry, late})
          for (const auto& attempts : sets) {
            const LinkFacts link{reusable, canceled_at_all, capture, expiry};
            bool in_process = false, alive = false;
            for (const AttemptFacts& attempt : attempts) {
              in_process |= attempt.state == pending || attempt.state == authorized;
              alive |= !attempt.superseded && attempt.created_at < expiry &&
                       (attempt.state == open || attempt.state == pending || attempt.state == authorized);
            }
            LinkStatus expected = LinkStatus::open;
            if (now >= expiry && !alive) expected = LinkStatus::expired;
            if (canceled_at_all == Canceled::yes) expected = LinkStatus::canceled;
            if (reusable == once && in_process) expected = LinkStatus::processing;
            if (reusable == once && capture == captured) expected = LinkStatus::paid;
            ASSERT_EQ(link_status(link, attempts, now), expected);
            ASSERT_EQ(expires_effective_at(link, attempts).has_value(), !alive);
            ++checked;
          }
  EXPECT_EQ(checked, 2u * 2u * 2u * 3u * (1u + 28u + 28u * 28u));
}

}  // namespace
}  // namespace paylink
