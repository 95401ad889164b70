#include "store/link_marks.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/ensure.hpp"
#include "store/link_keys.hpp"

namespace paylink::store {
namespace {

void add(LinkMarks::ByStatus& counts, const LinkMarks::ByStatus& others, std::int64_t sign) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += sign * others[i];
}

}  // namespace

LinkPlace LinkMarks::place_of(const sql::Entry& entry, LinkOrder order) {
  const PaymentLinkId id(entry.id);
  switch (order) {
    case LinkOrder::amount:
      return {entry.keys[0], id};
    case LinkOrder::expiration_date:
      return {entry.keys[1], id};
    case LinkOrder::created:
      break;
  }
  return {0, id};
}

// The block that a place lies in.
std::size_t LinkMarks::block_of(const Marked& marked, const LinkPlace& place) {
  const auto next = std::ranges::upper_bound(marked.blocks, place, comes_before, &Block::place);
  return static_cast<std::size_t>(next - marked.blocks.begin()) - 1;
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
    if (block == marked.blocks.size() || comes_before(place_of(change->entry, view.order), marked.blocks[block].place))
      seen[change->status] -= change->links;
  }
  return seen;
}

void LinkMarks::apply(Followed& followed, const Change& change) {
  followed.counts.links[change.status] += change.links;
  for (const LinkOrder order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date}) {
    Marked& marked = followed.orders[static_cast<std::size_t>(order)];
    if (marked.blocks.empty()) continue;
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
  return !by_organization_.contains(organization) && awaited_.insert(organization).second;
}

void LinkMarks::give_up(OrganizationId organization) {
  const std::lock_guard lock(mutex_);
  awaited_.erase(organization);
}

void LinkMarks::follow(OrganizationId organization, const Counts& counts) {
  const std::lock_guard lock(mutex_);
  awaited_.erase(organization);
  if (const auto known = by_organization_.find(organization); known != by_organization_.end()) forget(known->second);
  if (followed_.size() >= options_.organizations_max) forget(std::prev(followed_.end()));
  followed_.emplace_front();
  followed_.front().organization = organization;
  followed_.front().counts = counts;
  followed_.front().commit = followed_.front().forgotten = ++commit_;
  by_organization_.emplace(organization, followed_.begin());
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
    const auto status = link_status_names.parse(sum.name);
    ENSURE(status.has_value());
    known->second[static_cast<std::size_t>(*status)] = 1;
    followed.changes.push_back({followed.commit, static_cast<std::size_t>(*status), sum.amount, sum.entry});
    apply(followed, followed.changes.back());
  }
  for (const auto& [followed, statuses] : changed) {
    add(followed->counts.changes, statuses, 1);
    // Whole commits only.
    while (followed->changes.size() > options_.changes_max) {
      followed->forgotten = followed->changes.front().commit;
      while (!followed->changes.empty() && followed->changes.front().commit == followed->forgotten)
        followed->changes.pop_front();
    }
  }
}

void LinkMarks::counted(std::span<const sql::Sum> added) noexcept {
  const std::lock_guard lock(mutex_);
  if (followed_.empty()) return;
  try {
    follow_up(added);
  } catch (const std::bad_alloc&) {
    forget_all();  // half of it may have been added
  }
}

std::optional<LinkMarks::View> LinkMarks::view(OrganizationId organization, LinkOrder order, const Counts& counts) {
  const std::lock_guard lock(mutex_);
  Followed* const followed = find(organization);
  if (followed == nullptr) return std::nullopt;
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
  const auto now = std::chrono::steady_clock::now();
  if (seen != counts) {
    if (!followed->strange_since) followed->strange_since = now;
    ++followed->strangers;
    if (followed->strangers >= options_.strangers_max && now - *followed->strange_since >= options_.stranger_time)
      forget(by_organization_.at(organization));
    return std::nullopt;
  }
  followed->strange_since.reset();
  followed->strangers = 0;
  return View{organization, order, commit};
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
    Mark end{start_of(Direction::descending), followed->counts.links};
    for (const Change& change : followed->changes)
      if (change.commit > view.commit) end.before[change.status] -= change.links;
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
    marked.blocks.push_back({start_of(Direction::ascending), followed->counts.links});
    ++marks_;
  }
  const std::size_t at = block_of(marked, mark.place);
  if (marked.blocks[at].place == mark.place) return true;
  ByStatus links = mark.before;
  add(links, before(*followed, view, at), -1);
  // And what the view does not see.
  for (auto change = followed->changes.rbegin(); change != followed->changes.rend(); ++change) {
    if (change->commit <= view.commit) break;
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

}  // namespace paylink::store
