#include "app/list_payment_links.hpp"

#include "app/link_cursor.hpp"
#include "store/link_lists.hpp"

namespace paylink::app {

Result<ListedLinks> ListLinks::operator()(const ListPaymentLinks& command, const Caller& caller,
                                          sql::Transaction& tx) const {
  return command.cursor ? by_cursor(command, caller, tx) : by_number(command, caller, tx);
}

Result<ListedLinks> ListLinks::by_cursor(const ListPaymentLinks& command, const Caller& caller,
                                         sql::Transaction& tx) const {
  std::optional<LinkPlace> after;
  if (!command.cursor->empty())
    after = TRY(read_link_cursor(*command.cursor, caller.organization, command.filter, keys_));
  auto walked = TRY(store::LinkLists(tx).walk(caller.organization, command.filter, after, command.page.size));
  ListedLinks listed{{std::move(walked.entries), 0, command.page}, true, {}};
  if (walked.has_more)
    listed.next_cursor = make_link_cursor(place_of(listed.links.entries.back(), command.filter.order),
                                          caller.organization, command.filter, keys_);
  return listed;
}

Result<ListedLinks> ListLinks::by_number(const ListPaymentLinks& command, const Caller& caller,
                                         sql::Transaction& tx) const {
  const Page page = command.page;
  // Two readers of one list do not move each other's pages, unless they call by one key.
  const std::string list =
      caller.principal.text() + identity_of(caller.organization, command.filter) + '/' + std::to_string(page.size);
  std::optional<LinkPlace> after;
  if (command.filter.metadata.empty()) after = ends_.find(list, page.number, tx.now());
  auto links = TRY(store::LinkLists(tx, &follower_.marks()).list(caller.organization, command.filter, page, after));
  follower_.note_list(caller.organization);
  const bool goes_on = links.has_more.value_or(page.number * page.size < links.total);
  std::optional<LinkPlace> last;
  if (goes_on && !links.entries.empty() && command.filter.metadata.empty())
    last = place_of(links.entries.back(), command.filter.order);
  if (after || last)
    ends_.keep(list, page.number, after, last, tx.now());
  else
    ends_.forget(list);
  return ListedLinks{std::move(links), false, {}};
}

}  // namespace paylink::app
