#include "oracle.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "client.hpp"

namespace paylink::faults {
namespace {

constexpr std::uint64_t told_violations_max = 40;
constexpr std::size_t told_length_max = 600;
constexpr int refunds_of_payment = 4;
constexpr std::uint64_t recent_links = 300;  // few enough that payers meet

}  // namespace

void Violations::add(std::string_view invariant, const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  ++by_invariant_[std::string(invariant)];
  if (++count_ <= told_violations_max)
    std::fprintf(stderr, "kill9: VIOLATION %.*s: %s\n", static_cast<int>(invariant.size()), invariant.data(),
                 sentence.substr(0, told_length_max).c_str());
}

std::uint64_t Violations::count_of(const std::string& invariant) const {
  const auto found = by_invariant_.find(invariant);
  return found == by_invariant_.end() ? 0 : found->second;
}

std::string Violations::summary() const {
  std::string text;
  for (const auto& [invariant, count] : by_invariant_)
    text += (text.empty() ? "" : ", ") + invariant + " " + std::to_string(count);
  return text;
}

namespace {

constexpr std::pair<std::string_view, std::uint64_t Acks::*> kinds[] = {
    {"links", &Acks::links},         {"payments", &Acks::payments},
    {"refunds", &Acks::refunds},     {"deactivations", &Acks::deactivations},
    {"keys made", &Acks::keys_made}, {"keys revoked", &Acks::keys_revoked},
    {"tokens", &Acks::tokens},
};

}  // namespace

Acks& Acks::operator+=(const Acks& more) {
  for (const auto& [name, member] : kinds) this->*member += more.*member;
  return *this;
}

std::string Acks::text() const {
  std::string text;
  for (const auto& [name, member] : kinds)
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(this->*member);
  return text;
}

bool Acks::lacks_some() const {
  return std::ranges::any_of(kinds, [this](const auto& kind) { return this->*kind.second == 0; });
}

void Oracle::created(Create create) {
  const std::lock_guard lock(mutex_);
  if (create.answer) {
    ++acks_.links;
    if (auto link = read_link(*create.answer)) links_.push_back(*std::move(link));
  }
  news_.creates.push_back(std::move(create));
}

void Oracle::refused(std::string title) {
  const std::lock_guard lock(mutex_);
  ++refusals_;
  news_.refused.push_back(std::move(title));
}

void Oracle::paid(PaidAnswer paid) {
  const std::lock_guard lock(mutex_);
  ++acks_.payments;
  payments_.push_back(paid);
  news_.paid.push_back(std::move(paid));
}

void Oracle::refunded(RefundRequest refund) {
  const std::lock_guard lock(mutex_);
  if (refund.answer) ++acks_.refunds;
  news_.refunds.push_back(std::move(refund));
}

void Oracle::deactivated(Deactivation deactivation) {
  const std::lock_guard lock(mutex_);
  if (deactivation.answer) ++acks_.deactivations;
  news_.deactivations.push_back(std::move(deactivation));
}

void Oracle::key_made(ApiKey key) {
  const std::lock_guard lock(mutex_);
  ++acks_.keys_made;
  news_.keys_made.push_back(std::move(key));
}

void Oracle::key_revoked(ApiKey key) {
  const std::lock_guard lock(mutex_);
  ++acks_.keys_revoked;
  news_.keys_revoked.push_back(std::move(key));
}

void Oracle::held(Family family) {
  const std::lock_guard lock(mutex_);
  acks_.tokens += static_cast<std::uint64_t>(family.acks);
  news_.families.push_back(std::move(family));
}

std::optional<KnownLink> Oracle::pick(std::uint64_t random) {
  const std::lock_guard lock(mutex_);
  if (links_.empty()) return std::nullopt;
  return links_[links_.size() - 1 - random % std::min<std::uint64_t>(links_.size(), recent_links)];
}

std::optional<PaidAnswer> Oracle::pick_paid(std::uint64_t random) {
  const std::lock_guard lock(mutex_);
  if (payments_.empty()) return std::nullopt;
  const auto& paid = payments_[payments_.size() - 1 - random % std::min<std::uint64_t>(payments_.size(), recent_links)];
  if (++picked_[paid.payment] > refunds_of_payment) return std::nullopt;
  return paid;
}

Oracle::News Oracle::take_news() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

std::optional<KnownLink> read_link(std::string_view answer) {
  constexpr std::string_view wrapper = "\"payment_link\":";
  const auto at = answer.find(wrapper);
  if (at == std::string_view::npos) return std::nullopt;
  std::string core(answer.substr(at + wrapper.size()));
  const auto id = json_text(core, "id");
  const auto status = json_text(core, "status");
  if (!id || !status || core.empty() || core.back() != '}') return std::nullopt;
  core.pop_back();  // the wrapper's own bracket
  const std::string member = "\"status\":\"" + *status + "\"";
  core.replace(core.find(member), member.size(), "\"status\":…");
  const bool reusable = core.find("\"reusable\":true") != std::string::npos;
  return KnownLink{*id, core, reusable, *status};
}

bool link_may_go(std::string_view before, std::string_view after) {
  if (before == after) return true;
  if (before == "paid") return false;
  // What comes in after a link was switched off is surplus: settled, and given back.
  if (before == "canceled") return after == "processing";
  // Money always wins, so even an expired link may turn out to be paid.
  if (after == "paid" || after == "expired") return true;
  if (after == "canceled") return before != "expired";
  return (before == "open" && after == "processing") || (before == "processing" && after == "open");
}

bool attempt_may_go(std::string_view before, std::string_view after) {
  static const std::set<std::pair<std::string_view, std::string_view>> moves = {
      {"open", "pending"},        {"open", "authorized"},    {"open", "paid"},          {"open", "canceled"},
      {"open", "expired"},        {"open", "failed"},        {"pending", "authorized"}, {"pending", "paid"},
      {"pending", "canceled"},    {"pending", "expired"},    {"pending", "failed"},     {"authorized", "paid"},
      {"authorized", "canceled"}, {"authorized", "expired"}, {"authorized", "failed"},  {"canceled", "paid"},
      {"expired", "paid"},        {"failed", "paid"},
  };
  return before == after || moves.contains({before, after});
}

}  // namespace paylink::faults
