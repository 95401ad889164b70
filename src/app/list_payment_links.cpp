#include "app/list_payment_links.hpp"

#include "app/link_cursor.hpp"
#include "store/link_lists.hpp"

namespace paylink::app {

Result<ListedLinks> ListLinks::operator()(const ListPaymentLinks& command, const Caller& caller,
                                          sql::Transaction& tx) const {
  const OrganizationId organization = caller.organization;
  store::LinkLists lists(tx);
  if (!command.cursor) return ListedLinks{TRY(lists.list(organization, command.filter, command.page)), false, {}};
  std::optional<LinkPlace> after;
  if (!command.cursor->empty()) after = TRY(read_link_cursor(*command.cursor, organization, command.filter, keys_));
  auto walked = TRY(lists.walk(organization, command.filter, after, command.page.size));
  ListedLinks listed{{std::move(walked.entries), 0, command.page}, true, {}};
  if (walked.has_more)
    listed.next_cursor = make_link_cursor(place_of(listed.links.entries.back(), command.filter.order), organization,
                                          command.filter, keys_);
  return listed;
}

}  // namespace paylink::app
