#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/filters.hpp"
#include "domain/page.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"
#include "store/link_ranges.hpp"

namespace paylink::store {

// How the keys of a page are found: all, those of one stored status, or of several; and where late links are told from
// open ones, those that are wanted either found by their time and sorted, or met on the way through the list.
enum class LinkReading : std::uint8_t { all, one, stored, open_found, open_walked, expired_found, expired_walked };

// Lists of an organization's links. Every filter and every count goes by the status as of now: the stored one may lag
// the clock. A page costs what lies between it and the nearest mark, or the nearer end of the list, a fraction of a
// microsecond an entry.
class LinkLists {
 public:
  // `marks`: where there are some, of this database.
  explicit LinkLists(sql::Transaction& tx, LinkMarks* marks = nullptr) : tx_(tx), marks_(marks) {}

  // At most LinkMetadata::filter_pairs_max pairs of metadata. With `after` the page is what comes after that place,
  // whatever its number; else, and by metadata always, it is looked for by its number.
  Result<Listed<PaymentLink>> list(OrganizationId organization, const LinkFilter& filter, Page page,
                                   const std::optional<LinkPlace>& after = {});
  // At most `size` links that come after a place in the order of the list, or the first ones. Costs the same wherever
  // that is.
  Result<Walked<PaymentLink>> walk(OrganizationId organization, const LinkFilter& filter,
                                   const std::optional<LinkPlace>& after, std::int64_t size);

 private:
  // What is read of a list at once: in either direction, from a place.
  struct Span {
    OrganizationId organization;
    const LinkFilter& filter;
    Direction direction;
    LinkReading reading;
    PageStart start;
    std::int64_t limit;
  };

  Result<Listed<PaymentLink>> list_by_status(OrganizationId organization, const LinkFilter& filter, Page page,
                                             const std::optional<LinkPlace>& after);
  Result<Walked<PaymentLink>> walk_by_status(OrganizationId organization, const LinkFilter& filter,
                                             const LinkPlace& after, std::int64_t limit);
  // In the order of the list.
  Result<std::vector<PaymentLink>> read(const Span& span);
  // Open links that are not so any more; 0 where it does not matter.
  Result<std::int64_t> count_late(OrganizationId organization, const LinkFilter& filter,
                                  const LinkCounts::Counts& counts);
  static std::vector<LinkRange> ranges(const LinkFilter& filter, const LinkCounts::Counts& counts, std::int64_t late);

  sql::Transaction& tx_;
  LinkMarks* const marks_;
};

// All statements that read the links of a page by status: for whoever looks at their plans.
std::vector<std::string_view> list_statements(bool has_row_numbers);

}  // namespace paylink::store
