#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/money.hpp"
#include "domain/names.hpp"
#include "domain/organization.hpp"
#include "domain/payment_method.hpp"

namespace paylink {

// One try to pay a link, at one provider; the API calls it a payment. Spelled here, in the database and in the API
// alike.
enum class AttemptState : std::uint8_t { open, pending, authorized, paid, canceled, expired, failed };

inline constexpr auto attempt_state_names = names<AttemptState>({
    {AttemptState::open, "open"},
    {AttemptState::pending, "pending"},
    {AttemptState::authorized, "authorized"},
    {AttemptState::paid, "paid"},
    {AttemptState::canceled, "canceled"},
    {AttemptState::expired, "expired"},
    {AttemptState::failed, "failed"},
});

namespace detail {
struct AttemptMove {
  AttemptState from;
  AttemptState to;
};

using enum AttemptState;
// The whole life of an attempt: what is not in this table cannot happen. Only the provider's word moves one. Money
// always wins: a try given up may still turn out to be paid, and nothing leaves `paid` (refunds are rows of their own).
inline constexpr AttemptMove attempt_moves[] = {
    {open, pending},   {open, authorized},    {open, paid},           {open, canceled},      {open, expired},
    {open, failed},    {pending, authorized}, {pending, paid},        {pending, canceled},   {pending, expired},
    {pending, failed}, {authorized, paid},    {authorized, canceled}, {authorized, expired}, {authorized, failed},
    {canceled, paid},  {expired, paid},       {failed, paid},
};
inline constexpr std::size_t attempt_state_count = 7;
}  // namespace detail

constexpr bool can_move(AttemptState from, AttemptState to) {
  for (const auto& move : detail::attempt_moves)
    if (move.from == from && move.to == to) return true;
  return false;
}

// True when an attempt in `from` can be, now or later, in `to`.
constexpr bool leads_to(AttemptState from, AttemptState to) {
  if (from == to) return true;
  for (const auto& move : detail::attempt_moves)
    if (move.from == from && leads_to(move.to, to)) return true;
  return false;
}

// Nothing more is to be expected of the payer; only money that arrives late can still change it.
constexpr bool is_final(AttemptState state) {
  return state != AttemptState::open && state != AttemptState::pending && state != AttemptState::authorized;
}

enum class Effect : std::uint8_t { moved, outdated, refused };

struct Step {
  Effect effect;
  AttemptState state;  // to store: unchanged unless `moved`
};

// What becomes of an attempt when the provider says it is in `told`. Word that tells less than is known is outdated:
// acknowledge it, do nothing. Word that contradicts what is known is refused: keep it, ask again, tell the operator.
constexpr Step apply(AttemptState current, AttemptState told) {
  if (current == told) return {Effect::outdated, current};
  if (can_move(current, told)) return {Effect::moved, told};
  if (leads_to(told, current)) return {Effect::outdated, current};
  return {Effect::refused, current};
}

namespace detail {
// The table is checked while it compiles.
consteval bool each_move_once() {
  for (std::size_t i = 0; i < std::size(attempt_moves); ++i)
    for (std::size_t j = i + 1; j < std::size(attempt_moves); ++j)
      if (attempt_moves[i].from == attempt_moves[j].from && attempt_moves[i].to == attempt_moves[j].to) return false;
  return true;
}
consteval bool never_goes_back() {
  for (const auto& move : attempt_moves)
    if (leads_to(move.to, move.from)) return false;
  return true;
}
consteval bool every_state_can_still_be_paid() {
  for (const auto& row : attempt_state_names.rows)
    if (!leads_to(row.first, paid)) return false;
  return true;
}
static_assert(each_move_once());
static_assert(never_goes_back());
static_assert(every_state_can_still_be_paid(), "money that arrives always wins");
static_assert(!leads_to(paid, failed) && !leads_to(paid, canceled) && !leads_to(paid, expired),
              "money that came in can leave only through a refund");
static_assert(std::size(attempt_state_names.rows) == attempt_state_count);
}  // namespace detail

struct Attempt {
  OrganizationId organization;
  AttemptId id;
  PaymentLinkId payment_link;
  ConnectionId connection;               // frozen: where the money goes
  std::array<std::uint8_t, 16> token{};  // random; the last part of the receipt page's address
  Uuid nonce;                            // of the form that began it: a double submit is the same attempt
  AttemptState state = AttemptState::open;
  Money amount;
  std::string payee;                                  // the merchant's name as the payer saw it
  PaymentMethod method = PaymentMethod::credit_card;  // the payer's choice, here and then at the provider
  std::string debitor_email;
  std::string provider_payment_id;  // empty until the provider has answered
  std::string checkout_url;         // empty until then
  Time created_at;
  std::optional<Time> superseded_at;  // the payer started over: canceled at the provider where possible
  std::optional<Time> paid_at;
  int tries = 0;                       // of the reconciler since the last news
  std::optional<Time> silent_since{};  // absent: the provider answered when it was asked last
  int unknown_looks = 0;               // looks in a row at which the provider did not know the payment
};

}  // namespace paylink
