#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/filters.hpp"
#include "sql/transaction.hpp"
#include "store/link_counts.hpp"

namespace paylink::store {

bool comes_before(const LinkPlace& left, const LinkPlace& right);
// Before everything else in a list.
LinkPlace start_of(Direction direction);
// The last place before another one that is not the first; nothing lies between them.
LinkPlace just_before(const LinkPlace& place);

// The keys of an organization's links in one order, each stored status a range of an index, which alone answers.
class LinkKeys {
 public:
  LinkKeys(sql::Transaction& tx, OrganizationId organization, LinkOrder order)
      : tx_(tx), organization_(organization), order_(order) {}

  // The place that comes after another one and so many between them; absent when there are not that many.
  Result<std::optional<LinkPlace>> find(LinkStatus stored, Direction direction, const LinkPlace& after,
                                        std::int64_t between);
  // How many lie between two places, without them; at most `most`.
  Result<std::int64_t> count(LinkStatus stored, const LinkPlace& above, const LinkPlace& below, std::int64_t most);
  // The same of each status.
  Result<LinkCounts::ByStatus> count_each(const LinkPlace& above, const LinkPlace& below);
  // Open links that are not so any more, at most `most` of those whose time came after `since`.
  Result<std::int64_t> count_late(std::int64_t since, std::int64_t most);
  // Open links that are not so any more, at most `most`, in ascending order.
  Result<std::vector<LinkPlace>> late(std::int64_t most);

 private:
  void add_place(std::vector<sql::Value>& values, const LinkPlace& place) const;

  sql::Transaction& tx_;
  const OrganizationId organization_;
  const LinkOrder order_;
};

}  // namespace paylink::store
