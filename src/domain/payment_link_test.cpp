#include "domain/payment_link.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

TEST(PaymentLink, OneYearIsTheSameCalendarDate) {
  struct Case {
    const char* from;
    const char* to;
  };
  constexpr Case cases[] = {
      {"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"}, {"2026-11-23T05:48:59Z", "2027-11-23T05:48:59Z"},
      {"2027-02-28T12:00:00Z", "2028-02-28T12:00:00Z"}, {"2027-03-01T00:00:00Z", "2028-03-01T00:00:00Z"},
      {"2028-02-28T12:00:00Z", "2029-02-28T12:00:00Z"}, {"2028-02-29T23:59:59Z", "2029-02-28T23:59:59Z"},
      {"2028-03-01T00:00:00Z", "2029-03-01T00:00:00Z"}, {"2099-12-31T23:59:59Z", "2100-12-31T23:59:59Z"},
      {"2096-02-29T00:00:00Z", "2097-02-28T00:00:00Z"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.from);
    EXPECT_EQ(to_rfc3339(years_after(*parse_rfc3339(c.from), 1)), c.to);
  }
  const Time precise = *parse_rfc3339("2026-01-01T00:00:00Z") + std::chrono::microseconds{123'456};
  EXPECT_EQ(years_after(precise, 1) - *parse_rfc3339("2027-01-01T00:00:00Z"), std::chrono::microseconds{123'456});
}

TEST(PaymentLink, TheStatusShownNeverLagsTheClock) {
  const Time expiry = *parse_rfc3339("2027-01-01T00:00:00Z");
  const std::chrono::microseconds tick{1};
  struct Case {
    const char* name;
    LinkStatus stored;
    std::optional<Time> expires_effective_at;
    Time now;
    LinkStatus shown;
  };
  const Case cases[] = {
      {"before", LinkStatus::open, expiry, expiry - tick, LinkStatus::open},
      {"at the moment", LinkStatus::open, expiry, expiry, LinkStatus::expired},
      {"while an attempt is alive", LinkStatus::open, std::nullopt, expiry + tick, LinkStatus::open},
      {"paid stays paid", LinkStatus::paid, expiry, expiry + tick, LinkStatus::paid},
      {"canceled stays canceled", LinkStatus::canceled, expiry, expiry + tick, LinkStatus::canceled},
      {"processing stays processing", LinkStatus::processing, expiry, expiry + tick, LinkStatus::processing},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const PaymentLink link{.organization = {},
                           .id = {},
                           .resource_id = {},
                           .status = c.stored,
                           .amount = *Money::of_minor(100, *Currency::parse("EUR")),
                           .methods = {},
                           .reusable = Reusable::no,
                           .subject = Basket{},
                           .expiration_date = expiry,
                           .expires_effective_at = c.expires_effective_at,
                           .canceled_at = std::nullopt,
                           .created_at = {},
                           .updated_at = {}};
    EXPECT_EQ(link.status_at(c.now), c.shown);
  }
}

}  // namespace
}  // namespace paylink
