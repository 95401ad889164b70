#pragma once

#include <cstdint>
#include <vector>

#include "domain/filters.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// Which of the open links a range has: the stored status may lag the clock.
enum class Late : std::uint8_t { with, without, only };

// The links of one stored status: one range of the index of any order.
struct LinkRange {
  LinkStatus stored;
  Late late = Late::with;
  std::int64_t links = 0;  // in the whole range
};

// Where a page of a list begins: so many entries after a place.
struct PageStart {
  LinkPlace after;
  std::int64_t skip = 0;
};

// Before everything else in a list.
LinkPlace start_of(Direction direction);

// A list of links is a merge of ranges. Merging takes longer for each entry than counting a range does, so what lies
// far from the beginning is looked for by counting: a place in the largest range, how many come before it in the
// others, and so on in what is left.
class LinkRanges {
 public:
  LinkRanges(sql::Transaction& tx, OrganizationId organization, LinkOrder order, std::vector<LinkRange> ranges)
      : tx_(tx), organization_(organization), order_(order), ranges_(std::move(ranges)) {}

  // `skip` entries from the beginning in a direction, which are fewer than there are; as a place and what little is
  // still to be skipped after it.
  Result<PageStart> find(Direction direction, std::int64_t skip);

 private:
  struct Search;
  Result<std::optional<LinkPlace>> entry_at(const LinkRange& range, const Search& search, std::int64_t position);
  Result<std::int64_t> count_before(const LinkRange& range, const Search& search, const LinkPlace& place,
                                    std::int64_t most);
  std::vector<sql::Value> parameters(const LinkRange& range) const;
  void add_place(std::vector<sql::Value>& values, const LinkPlace& place) const;

  sql::Transaction& tx_;
  const OrganizationId organization_;
  const LinkOrder order_;
  const std::vector<LinkRange> ranges_;
};

}  // namespace paylink::store
