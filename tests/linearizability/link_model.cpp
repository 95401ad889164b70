#include "link_model.hpp"

namespace paylink::linearizability {
namespace {

constexpr std::uint64_t kept = std::uint64_t{1} << 62, off = std::uint64_t{1} << 61;

Payment payment_in(std::uint64_t state, std::size_t index) { return static_cast<Payment>(state >> (index * 4) & 15U); }

void set_payment(std::uint64_t& state, std::size_t index, Payment payment) {
  state &= ~(std::uint64_t{15} << (index * 4));
  state |= static_cast<std::uint64_t>(payment) << (index * 4);
}

bool is_being_paid(std::uint64_t state) {
  for (std::size_t i = 0; i < LinkModel::payments_max; ++i)
    if (payment_in(state, i) == Payment::open) return true;
  return false;
}

void supersede_all(std::uint64_t& state) {
  for (std::size_t i = 0; i < LinkModel::payments_max; ++i)
    if (payment_in(state, i) == Payment::open) set_payment(state, i, Payment::superseded);
}

// One that was begun in time keeps a link open whose date has passed.
Status status_of(std::uint64_t state, Date date) {
  if ((state & kept) != 0) return Status::paid;
  if ((state & off) != 0) return Status::canceled;
  return date == Date::past && !is_being_paid(state) ? Status::expired : Status::open;
}

bool may_be(Status status, std::uint64_t state, Date date) {
  if (date != Date::passing) return status_of(state, date) == status;
  return status_of(state, Date::ahead) == status || status_of(state, Date::past) == status;
}

// Money always wins: the first that comes while the link is not switched off is kept. What has ended is over.
bool end_payment(std::uint64_t& state, const LinkStep& step) {
  const Payment before = payment_in(state, step.payment);
  if (before != Payment::open && before != Payment::superseded) return false;
  set_payment(state, step.payment, step.outcome);
  if (step.outcome != Payment::paid) return true;
  if ((state & off) == 0) state |= kept;
  supersede_all(state);
  return true;
}

}  // namespace

std::optional<Status> parse_status(std::string_view text) {
  if (text == "open") return Status::open;
  if (text == "paid") return Status::paid;
  if (text == "canceled") return Status::canceled;
  if (text == "expired") return Status::expired;
  return std::nullopt;
}

std::optional<Payment> parse_payment(std::string_view text) {
  if (text == "open") return Payment::open;
  if (text == "paid") return Payment::paid;
  if (text == "canceled") return Payment::canceled;
  if (text == "expired") return Payment::expired;
  if (text == "failed") return Payment::failed;
  return std::nullopt;
}

bool LinkModel::apply(State& state, const LinkStep& step) const {
  switch (step.kind) {
    case Kind::read:
      return may_be(step.status, state, step.date);
    case Kind::list:
      return may_list(state, step);
    case Kind::begin:
      if (step.date == Date::past || status_of(state, Date::ahead) != Status::open) return false;
      supersede_all(state);
      set_payment(state, step.payment, Payment::open);
      return true;
    case Kind::end:
      return end_payment(state, step);
    case Kind::begin_refused:
      return step.date != Date::ahead || status_of(state, Date::ahead) != Status::open;
    case Kind::switch_off:
      if (may_be(Status::canceled, state, step.date)) return true;
      if (!may_be(Status::open, state, step.date)) return false;
      supersede_all(state);
      state |= off;
      return true;
    case Kind::switch_off_refused:
      return may_be(Status::paid, state, step.date) || may_be(Status::expired, state, step.date);
  }
  return false;
}

bool LinkModel::may_list(State state, const LinkStep& step) const {
  for (std::size_t i = 0; i < known_payments_; ++i) {
    const auto listed = step.payments.find(i);
    const Payment seen = listed == step.payments.end() ? Payment::none : listed->second;
    const Payment known = payment_in(state, i);
    const bool is_given_up = known == Payment::superseded && (seen == Payment::open || seen == Payment::canceled);
    if (seen != known && !is_given_up) return false;
  }
  return true;
}

}  // namespace paylink::linearizability
