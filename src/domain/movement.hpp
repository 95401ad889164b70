#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/link_status.hpp"
#include "domain/money.hpp"
#include "domain/names.hpp"
#include "domain/organization.hpp"

namespace paylink {

enum class Kept : std::uint8_t { surplus, kept };

// Money that arrived for one attempt. A link that can be paid once keeps the first; any other is surplus and is
// refunded.
struct Capture {
  OrganizationId organization;
  CaptureId id;
  PaymentLinkId payment_link;
  AttemptId attempt;
  Kept kept;
  Money amount;
  Time captured_at;
};

// What an attempt brought in, and how much of that its refunds take: all that have not failed, done or not.
struct CaptureTotals {
  Kept kept;
  Money captured;
  Money refunds;

  // What may still be given back, in minor units, when the payer's bank has taken back so much.
  std::int64_t left_minor(std::int64_t charged_back_minor) const {
    return captured.minor_units() - refunds.minor_units() - charged_back_minor;
  }
};

enum class RefundState : std::uint8_t { requested, pending, refunded, failed };

// A merchant may ask for no more refunds of a payment than this, failed ones counted: they are all read with it.
inline constexpr int refunds_max = 100;

// So often in a row a provider may refuse one before it is taken at its word.
inline constexpr int refund_refusals_max = 3;

inline constexpr auto refund_state_names = names<RefundState>({
    {RefundState::requested, "requested"},  // ours alone: the provider has not been told, or not heard of it
    {RefundState::pending, "pending"},      // the provider has it
    {RefundState::refunded, "refunded"},
    {RefundState::failed, "failed"},  // the provider cannot: somebody must look
});

enum class RefundReason : std::uint8_t { surplus, requested, external };

inline constexpr auto refund_reason_names = names<RefundReason>({
    {RefundReason::surplus, "surplus"},      // the link was paid already, or switched off
    {RefundReason::requested, "requested"},  // by the merchant
    {RefundReason::external, "external"},    // by the merchant too, but at the provider: we only hear of it
});

struct Refund {
  OrganizationId organization;
  RefundId id;
  AttemptId attempt;
  RefundReason reason = RefundReason::surplus;
  RefundState state = RefundState::requested;
  Money amount;
  std::string provider_refund_id;  // empty until the provider has answered
  Time created_at;
  int tries = 0;
  int refusals = 0;  // in a row, definite

  // The provider has said no, and not only for a moment.
  bool is_refused() const { return state == RefundState::failed || refusals >= refund_refusals_max; }
};

// Money that the payer's bank took back, whether the merchant likes it or not.
struct Chargeback {
  OrganizationId organization;
  ChargebackId id;
  AttemptId attempt;
  std::string provider_chargeback_id;
  Money amount;
  Time charged_back_at;
  std::optional<Time> reversed_at;  // the bank gave it up, and the money came again
};

// The accounts money moves between. `provider` is what the provider holds for the merchant, `payers` the world outside.
enum class Account : std::uint8_t { provider, payers };

inline constexpr auto account_names = names<Account>({
    {Account::provider, "provider"},
    {Account::payers, "payers"},
});

enum class MovementKind : std::uint8_t { capture, refund, chargeback, chargeback_reversal };

inline constexpr auto movement_kind_names = names<MovementKind>({
    {MovementKind::capture, "capture"},
    {MovementKind::refund, "refund"},
    {MovementKind::chargeback, "chargeback"},
    {MovementKind::chargeback_reversal, "chargeback_reversal"},
});

// One movement of money: `amount` leaves `from` and arrives at `to`.
struct Movement {
  OrganizationId organization;
  Uuid id;
  MovementKind kind;
  AttemptId attempt;
  Account from;
  Account to;
  Money amount;
  Time created_at;
};

}  // namespace paylink
