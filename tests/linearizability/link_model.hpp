#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "linearizable.hpp"

namespace paylink::linearizability {

// `superseded` is ours: an attempt that another one, or switching the link off, has taken the place of. The reconciler
// cancels it at the provider some time.
enum class Payment : std::uint8_t { none, open, superseded, paid, canceled, expired, failed };
enum class Status : std::uint8_t { open, paid, canceled, expired };

std::optional<Status> parse_status(std::string_view text);
std::optional<Payment> parse_payment(std::string_view text);

enum class Kind : std::uint8_t {
  read,           // GET of the link: `status`
  list,           // GET of its payments: `payments`
  begin,          // the first half of a payment: `payment` is there, and supersedes whoever pays at that moment
  end,            // its second half: how it ended, as `outcome` says
  begin_refused,  // there could be none: the link is not open
  switch_off,     // it is canceled
  switch_off_refused,
};

// A link's date passes at a moment of which it is only known between what it was: a step that took place meanwhile may
// see the link before or after it.
enum class Date : std::uint8_t { ahead, passing, past };

struct LinkStep {
  Kind kind = Kind::read;
  Span span;
  std::optional<std::size_t> after{};
  Date date = Date::ahead;
  Status status = Status::open;
  std::size_t payment = 0;  // which of the link's
  Payment outcome = Payment::paid;
  std::map<std::size_t, Payment> payments{};  // as they were listed; those that are not are `none`
};

// The rules of one link that can be paid once, without anything about how they are kept (docs, domain/link_status.hpp).
class LinkModel {
 public:
  // Four bits for each of 15 payments; then whether the first money was kept, and whether it was switched off.
  using State = std::uint64_t;
  using Step = LinkStep;
  static constexpr std::size_t payments_max = 15;

  // So many payments, those of the lowest numbers, are known when they are listed.
  explicit LinkModel(std::size_t known_payments) : known_payments_(known_payments) {}

  bool apply(State& state, const LinkStep& step) const;

 private:
  bool may_list(State state, const LinkStep& step) const;

  std::size_t known_payments_;
};

}  // namespace paylink::linearizability
