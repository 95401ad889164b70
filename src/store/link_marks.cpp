#include "store/link_marks.hpp"

#include <algorithm>
#include <functional>
#include <new>
#include <string_view>
#include <utility>

#include "base/ensure.hpp"
#include "store/link_keys.hpp"

namespace paylink::store {
namespace {

void add(LinkMarks::ByStatus& counts, const LinkMarks::ByStatus& others, std::int64_t sign) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += sign * others[i];
}

}  // namespace

MarkOrder mark_order(LinkOrder order) {
  switch (order) {
    case LinkOrder::amount:
      return MarkOrder::amount;
    case LinkOrder::expiration_date:
      return MarkOrder::expiration_date;
    case LinkOrder::created:
      break;
  }
  return MarkOrder::created;
}

LinkPlace LinkMarks::place_of(const sql::Entry& entry, MarkOrder order) {
  const PaymentLinkId id(entry.id);
  switch (order) {
    case MarkOrder::amount:
      return {entry.keys[0], id};
    case MarkOrder::expiration_date:
      return {entry.keys[1], id};
    case MarkOrder::expiry:
      return {entry.keys[2], id};
    case MarkOrder::created:
      break;
  }
  return {0, id};
}

// The block that a place lies in.
std::size_t LinkMarks::block_of(const Marked& marked, const LinkPlace& place) {
  const auto next = std::ranges::upper_bound(marked.blocks, place, comes_before, &Block::place);
  return static_cast<std::size_t>(next - marked.blocks.begin()) - 1;
}

// Whether links of a status are counted in an order.
bool LinkMarks::has(MarkOrder order, std::size_t status) {
  return order != MarkOrder::expiry || status == static_cast<std::size_t>(LinkStatus::open);
}

LinkMarks::ByStatus LinkMarks::all_of(MarkOrder order, const Followed& followed) {
  ByStatus all = followed.counts.links;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!has(order, i)) all[i] = 0;
  return all;
}

// Whether it is counted, and the view does not see it.
bool LinkMarks::is_missed(const View& view, const Change& change) {
  if (change.commit <= view.commit || !has(view.order, change.status)) return false;
  return !view.snapshot || !view.snapshot->sees(change.transaction);
}

// As the view sees it. One block too many: all there are.
LinkMarks::ByStatus LinkMarks::before(Followed& followed, const View& view, std::size_t block) {
  Marked& marked = followed.orders[static_cast<std::size_t>(view.order)];
  if (marked.before.empty()) marked.before.emplace_back();
  while (marked.before.size() <= block) {
    ByStatus next = marked.before.back();
    add(next, marked.blocks[marked.before.size() - 1].links, 1);
    marked.before.push_back(next);
  }
  ByStatus seen = marked.before[block];
  for (auto change = followed.changes.rbegin(); change != followed.changes.rend(); ++change) {
    if (change->commit <= view.commit) break;
    if (!is_missed(view, *change)) continue;
    if (block == marked.blocks.size() || comes_before(place_of(change->entry, view.order), marked.blocks[block].place))
      seen[change->status] -= change->links;
  }
  return seen;
}

void LinkMarks::apply(Followed& followed, const Change& change) {
  followed.counts.links[change.status] += change.links;
  for (const MarkOrder order : {MarkOrder::created, MarkOrder::amount, MarkOrder::expiration_date, MarkOrder::expiry}) {
    Marked& marked = followed.orders[static_cast<std::size_t>(order)];
    if (marked.blocks.empty() || !has(order, change.status)) continue;
    const std::size_t block = block_of(marked, place_of(change.entry, order));
    marked.blocks[block].links[change.status] += change.links;
    if (marked.before.size() > block + 1) marked.before.resize(block + 1);
  }
}

LinkMarks::Followed* LinkMarks::find(OrganizationId organization) {
  const auto found = by_organization_.find(organization);
  if (found == by_organization_.end()) return nullptr;
  followed_.splice(followed_.begin(), followed_, found->second);
  return &*found->second;
}

// Null when the view is of what is not remembered any more.
LinkMarks::Followed* LinkMarks::find(const View& view) {
  Followed* const followed = find(view.organization);
  if (followed == nullptr || view.commit > followed->commit) return nullptr;
  return view.commit >= followed->forgotten ? followed : nullptr;
}

void LinkMarks::forget(Organizations::iterator organization) {
  for (const Marked& marked : organization->orders) marks_ -= marked.blocks.size();
  by_organization_.erase(organization->organization);
  followed_.erase(organization);
}

void LinkMarks::forget_all() {
  while (!followed_.empty()) forget(followed_.begin());
}

bool LinkMarks::wants(OrganizationId organization) {
  const std::lock_guard lock(mutex_);
  return wanted_.erase(organization) > 0 && awaited_.insert(organization).second;
}

// Whoever has read asks what is wanted at once.
void LinkMarks::want(OrganizationId organization) {
  if (wanted_.size() >= options_.organizations_max) wanted_.clear();
  wanted_.insert(organization);
}

void LinkMarks::give_up(OrganizationId organization) {
  const std::lock_guard lock(mutex_);
  awaited_.erase(organization);
}

// Anew, if it was followed already.
LinkMarks::Followed& LinkMarks::begin(OrganizationId organization, const Counts& counts) {
  if (const auto known = by_organization_.find(organization); known != by_organization_.end()) forget(known->second);
  if (followed_.size() >= options_.organizations_max) forget(std::prev(followed_.end()));
  followed_.emplace_front();
  followed_.front().organization = organization;
  followed_.front().counts = counts;
  followed_.front().commit = followed_.front().forgotten = ++commit_;
  by_organization_.emplace(organization, followed_.begin());
  return followed_.front();
}

void LinkMarks::follow(OrganizationId organization, const Counts& counts) {
  const std::lock_guard lock(mutex_);
  awaited_.erase(organization);
  begin(organization, counts);
}

void LinkMarks::follow_log(OrganizationId organization) {
  const std::lock_guard lock(mutex_);
  awaited_.erase(organization);
  if (Followed* const followed = find(organization)) followed->log_followed_at = std::chrono::steady_clock::now();
}

// `has_changed`: which statuses the commit has changed, so far.
void LinkMarks::add_change(Followed& followed, ByStatus& has_changed, std::string_view status, Change change) const {
  const auto known = link_status_names.parse(status);
  ENSURE(known.has_value());
  change.status = static_cast<std::size_t>(*known);
  has_changed[change.status] = 1;
  followed.changes.push_back(change);
  apply(followed, change);
}

// Whole commits only.
void LinkMarks::forget_old_changes(Followed& followed) const {
  while (followed.changes.size() > options_.changes_max) {
    followed.forgotten = followed.changes.front().commit;
    while (!followed.changes.empty() && followed.changes.front().commit == followed.forgotten)
      followed.changes.pop_front();
  }
}

// One commit.
void LinkMarks::follow_up(std::span<const sql::Sum> added) {
  std::unordered_map<Followed*, ByStatus> changed;
  for (const sql::Sum& sum : added) {
    const auto found = by_organization_.find(OrganizationId(sum.owner));
    if (found == by_organization_.end()) continue;
    Followed& followed = *found->second;
    const auto [known, is_first] = changed.try_emplace(&followed);
    if (is_first) followed.commit = ++commit_;
    add_change(followed, known->second, sum.name, {followed.commit, 0, 0, sum.amount, sum.entry});
  }
  for (const auto& [followed, statuses] : changed) {
    add(followed->counts.changes, statuses, 1);
    forget_old_changes(*followed);
  }
}

void LinkMarks::counted(std::span<const sql::Sum> added) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (followed_.empty()) return;
    try {
      follow_up(added);
    } catch (const std::bad_alloc&) {
      forget_all();  // half of it may have been added
    }
  }
  told_.notify_all();
}

// Null when it is not followed.
LinkMarks::Followed* LinkMarks::wait_for(OrganizationId organization, const Counts& counts,
                                         std::unique_lock<std::mutex>& lock) {
  const auto is_ahead = [&](const Followed& followed) {
    return !std::ranges::equal(counts.changes, followed.counts.changes, std::less_equal<>());
  };
  Followed* followed = nullptr;
  told_.wait_for(lock, options_.telling_time, [&] {
    followed = find(organization);
    return followed == nullptr || !is_ahead(*followed);
  });
  return followed;
}

std::optional<LinkMarks::View> LinkMarks::view(OrganizationId organization, MarkOrder order, const Counts& counts) {
  std::unique_lock lock(mutex_);
  Followed* const followed = wait_for(organization, counts, lock);
  if (followed == nullptr) {
    want(organization);
    return std::nullopt;
  }
  ENSURE(!followed->snapshot);
  Counts seen = followed->counts;
  std::uint64_t commit = followed->commit;
  auto change = followed->changes.rbegin();
  while (seen != counts && change != followed->changes.rend()) {
    // One commit back.
    ByStatus has_changed{};
    for (commit = change->commit - 1; change != followed->changes.rend() && change->commit > commit; ++change) {
      seen.links[change->status] -= change->links;
      has_changed[change->status] = 1;
    }
    add(seen.changes, has_changed, -1);
  }
  return check(*followed, seen == counts) ? std::optional(View{organization, order, commit}) : std::nullopt;
}

// Whether a reader sees what is known. May forget what is followed when too many do not.
bool LinkMarks::check(Followed& followed, bool is_known) {
  if (is_known) {
    followed.strange_since.reset();
    followed.strangers = 0;
    return true;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!followed.strange_since) followed.strange_since = now;
  ++followed.strangers;
  if (followed.strangers >= options_.strangers_max && now - *followed.strange_since >= options_.stranger_time)
    forget(by_organization_.at(followed.organization));
  return false;
}

std::optional<sql::Snapshot> LinkMarks::last_seen(OrganizationId organization) {
  const std::lock_guard lock(mutex_);
  const Followed* const followed = find(organization);
  return followed == nullptr ? std::nullopt : followed->snapshot;
}

// Others may have caught up with a part of it.
void LinkMarks::catch_up(Followed& followed, const sql::CountChanges& log) {
  for (auto change = log.changes.begin(); change != log.changes.end();) {
    const std::uint64_t transaction = change->transaction;
    const bool is_known = followed.snapshot->sees(transaction);
    if (!is_known) followed.commit = ++commit_;
    ByStatus has_changed{};
    for (; change != log.changes.end() && change->transaction == transaction; ++change)
      // A status that only newer nodes know is as if it were not logged.
      if (!is_known && link_status_names.parse(change->name))
        add_change(followed, has_changed, change->name,
                   {followed.commit, transaction, 0, change->amount, change->entry});
    add(followed.counts.changes, has_changed, 1);
    forget_old_changes(followed);
  }
  followed.snapshot = log.snapshot;
}

std::optional<LinkMarks::View> LinkMarks::view(OrganizationId organization, MarkOrder order, const Counts& counts,
                                               const sql::CountChanges& log) {
  const std::lock_guard lock(mutex_);
  Followed* followed = find(organization);
  ENSURE(followed == nullptr || followed->snapshot);  // of a log, always
  if (followed != nullptr && !log.snapshot.is_of_server_of(*followed->snapshot)) {
    forget(by_organization_.at(organization));
    followed = nullptr;
  }
  const bool is_newest = followed != nullptr && log.snapshot.sees_all_of(*followed->snapshot);
  if (is_newest) {
    try {
      catch_up(*followed, log);
    } catch (...) {
      forget(by_organization_.at(organization));  // half of it may have been added
      throw;
    }
  }
  if (followed == nullptr || (is_newest && followed->counts != counts)) {
    // Somebody did not log, or rows are gone.
    const auto log_followed_at = followed == nullptr ? std::nullopt : followed->log_followed_at;
    followed = &begin(organization, counts);
    followed->snapshot = log.snapshot;
    followed->log_followed_at = log_followed_at;
  }
  const auto asked = followed->log_followed_at;
  if (!asked || std::chrono::steady_clock::now() - *asked >= options_.follow_time) want(organization);
  if (log.snapshot.sees_all_of(*followed->snapshot)) {
    check(*followed, true);
    return View{organization, order, followed->commit, log.snapshot};
  }
  return older_view(*followed, order, counts, log.snapshot);
}

// Of somebody who does not see all that is counted.
std::optional<LinkMarks::View> LinkMarks::older_view(Followed& followed, MarkOrder order, const Counts& counts,
                                                     const sql::Snapshot& snapshot) {
  View view{followed.organization, order, followed.commit, snapshot};
  Counts seen = followed.counts;
  for (auto change = followed.changes.begin(); change != followed.changes.end();) {
    const std::uint64_t commit = change->commit;
    const bool is_seen = snapshot.sees(change->transaction);
    if (!is_seen) view.commit = std::min(view.commit, commit - 1);
    ByStatus has_changed{};
    for (; change != followed.changes.end() && change->commit == commit; ++change) {
      if (is_seen) continue;
      seen.links[change->status] -= change->links;
      has_changed[change->status] = 1;
    }
    add(seen.changes, has_changed, -1);
  }
  return check(followed, seen == counts) ? std::optional(std::move(view)) : std::nullopt;
}

std::optional<LinkMarks::Gap> LinkMarks::around(const View& view, const std::function<bool(const Mark&)>& is_beyond) {
  const std::lock_guard lock(mutex_);
  Followed* const followed = find(view);
  if (followed == nullptr) return std::nullopt;
  const std::vector<Block>& blocks = followed->orders[static_cast<std::size_t>(view.order)].blocks;
  const auto mark_at = [&](std::size_t block) -> Mark {
    if (block < blocks.size()) return {blocks[block].place, before(*followed, view, block)};
    if (!blocks.empty()) return {start_of(Direction::descending), before(*followed, view, block)};
    // Nobody has put any yet.
    Mark end{start_of(Direction::descending), all_of(view.order, *followed)};
    for (const Change& change : followed->changes)
      if (is_missed(view, change)) end.before[change.status] -= change.links;
    return end;
  };
  if (blocks.empty()) return Gap{{start_of(Direction::ascending), {}}, mark_at(0)};
  std::size_t first = 0, end = blocks.size();
  while (end - first > 1) {
    const std::size_t middle = first + (end - first) / 2;
    (is_beyond(mark_at(middle)) ? end : first) = middle;
  }
  return Gap{mark_at(first), mark_at(end)};
}

// Others make room for one that is read.
bool LinkMarks::make_room(const Followed& keeper) {
  while (marks_ >= options_.marks_max && &followed_.back() != &keeper) forget(std::prev(followed_.end()));
  return marks_ < options_.marks_max;
}

bool LinkMarks::put(const View& view, const Mark& mark) {
  const std::lock_guard lock(mutex_);
  Followed* const followed = find(view);
  if (followed == nullptr || !make_room(*followed)) return false;
  Marked& marked = followed->orders[static_cast<std::size_t>(view.order)];
  if (marked.blocks.empty()) {
    marked.blocks.push_back({start_of(Direction::ascending), all_of(view.order, *followed)});
    ++marks_;
  }
  const std::size_t at = block_of(marked, mark.place);
  if (marked.blocks[at].place == mark.place) return true;
  ByStatus links = mark.before;
  add(links, before(*followed, view, at), -1);
  // And what the view does not see.
  for (auto change = followed->changes.rbegin(); change != followed->changes.rend(); ++change) {
    if (change->commit <= view.commit) break;
    if (!is_missed(view, *change)) continue;
    const LinkPlace place = place_of(change->entry, view.order);
    if (!comes_before(place, marked.blocks[at].place) && comes_before(place, mark.place))
      links[change->status] += change->links;
  }
  Block next{mark.place, marked.blocks[at].links};
  add(next.links, links, -1);
  for (std::size_t i = 0; i < links.size(); ++i)
    if (links[i] < 0 || next.links[i] < 0) {
      // The rows are not what the counts say.
      forget(by_organization_.at(view.organization));
      return false;
    }
  marked.blocks.insert(marked.blocks.begin() + static_cast<std::ptrdiff_t>(at) + 1, next);
  marked.blocks[at].links = links;
  ++marks_;
  if (marked.before.size() > at + 1) marked.before.resize(at + 1);
  return true;
}

Result<std::optional<LinkMarks::View>> view_marks(LinkMarks& marks, OrganizationId organization, MarkOrder order,
                                                  const LinkCounts::Counts& counts, sql::Transaction& tx) {
  const auto log = TRY(tx.count_changes(organization.uuid(), marks.last_seen(organization)));
  return log ? marks.view(organization, order, counts, *log) : marks.view(organization, order, counts);
}

}  // namespace paylink::store
