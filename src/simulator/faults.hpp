#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

// What goes wrong between a client and the provider, when a tester wants it to. Described in docs/faults.md.
namespace paylink::simulator {

// The spellings of an enum, as json::Reader asks for them.
template <class Enum, std::size_t N>
struct Words {
  std::array<std::pair<Enum, std::string_view>, N> rows;

  constexpr std::string_view name(Enum value) const {
    for (const auto& row : rows)
      if (row.first == value) return row.second;
    return {};
  }
  constexpr std::optional<Enum> parse(std::string_view text) const {
    for (const auto& row : rows)
      if (row.second == text) return row.first;
    return std::nullopt;
  }
};

// The calls a rule can be about: those of the API, and the notifications that go the other way.
enum class Operation : std::uint8_t {
  any,  // of the API
  create,
  get,
  list,
  cancel,
  refund,
  get_refund,
  list_refunds,
  get_chargeback,
  list_chargebacks,
  methods,
  profile,
  tokens,  // for a code, or for a refresh token
  revoke,
  organization,
  onboarding,
  profiles,
  notification,
};
inline constexpr Words<Operation, 18> operation_names{{{
    {Operation::any, "any"},
    {Operation::create, "create"},
    {Operation::get, "get"},
    {Operation::list, "list"},
    {Operation::cancel, "cancel"},
    {Operation::refund, "refund"},
    {Operation::get_refund, "get_refund"},
    {Operation::list_refunds, "list_refunds"},
    {Operation::get_chargeback, "get_chargeback"},
    {Operation::list_chargebacks, "list_chargebacks"},
    {Operation::methods, "methods"},
    {Operation::profile, "profile"},
    {Operation::tokens, "tokens"},
    {Operation::revoke, "revoke"},
    {Operation::organization, "organization"},
    {Operation::onboarding, "onboarding"},
    {Operation::profiles, "profiles"},
    {Operation::notification, "notification"},
}}};

enum class Fault : std::uint8_t {
  timeout_before,  // nothing is done, nothing is answered
  timeout_after,   // it is done, nothing is answered
  status,          // another status, before or after it is done
  delay,           // all is well, late
  drip,            // the answer comes a byte at a time
  reset,           // the connection is cut in the middle of the body
  malformed,       // a body that is no JSON
  truncated,       // JSON that ends too early
  huge_body,
  redirect,
  wrong_amount,
  wrong_currency,
  wrong_id,
  wrong_mode,
  wrong_metadata,  // made for something else
  drop,            // of notifications: it never comes
  duplicate,       // it comes twice
  reorder,         // others come before it
};
inline constexpr Words<Fault, 18> fault_names{{{
    {Fault::timeout_before, "timeout_before"},
    {Fault::timeout_after, "timeout_after"},
    {Fault::status, "status"},
    {Fault::delay, "delay"},
    {Fault::drip, "drip"},
    {Fault::reset, "reset"},
    {Fault::malformed, "malformed"},
    {Fault::truncated, "truncated"},
    {Fault::huge_body, "huge_body"},
    {Fault::redirect, "redirect"},
    {Fault::wrong_amount, "wrong_amount"},
    {Fault::wrong_currency, "wrong_currency"},
    {Fault::wrong_id, "wrong_id"},
    {Fault::wrong_mode, "wrong_mode"},
    {Fault::wrong_metadata, "wrong_metadata"},
    {Fault::drop, "drop"},
    {Fault::duplicate, "duplicate"},
    {Fault::reorder, "reorder"},
}}};

constexpr bool hits_notifications(Fault fault) {
  return fault == Fault::delay || fault == Fault::drop || fault == Fault::duplicate || fault == Fault::reorder;
}
constexpr bool hits_calls(Fault fault) {
  return fault != Fault::drop && fault != Fault::duplicate && fault != Fault::reorder;
}

enum class When : std::uint8_t { before, after };

struct FaultRule {
  Operation operation = Operation::any;
  Fault fault = Fault::status;
  int status = 0;              // of `status`
  When when = When::before;    // of `status` and `delay`: before or after it is done
  int retry_after = -1;        // of `status`: seconds; -1: none
  std::int64_t ms = 0;         // of `delay`, `reorder` and `drip` (between two bytes); with `ms_min` the largest
  std::int64_t ms_min = 0;     // of `delay`: the smallest
  std::int64_t times = 0;      // how often at most; 0: until cleared
  std::int64_t percent = 100;  // how many of a hundred calls, by chance
  std::int64_t seed = 0;       // of that chance, and of the time between `ms_min` and `ms`
};

// One call that is hit.
struct Hit {
  FaultRule rule;
  std::chrono::milliseconds time{0};  // drawn
};

// What `POST /faults` says, strictly: one rule, and no member that its fault has no use for.
Result<FaultRule> decode_fault(std::string_view body);

// The rules that are set, in memory alone: a restart clears them. Safe from any thread.
class FaultDial {
 public:
  void add(const FaultRule& rule);
  void clear();
  // What becomes of this call: by the first rule that means it and has some left.
  std::optional<Hit> next(Operation operation);
  // {"faults":[…]}: each rule, and how often it has hit.
  std::string json() const;

 private:
  struct Set {
    FaultRule rule;
    std::int64_t hits = 0;
    std::uint64_t chance = 0;  // the generator's state
  };
  mutable std::mutex mutex_;
  std::vector<Set> rules_;
};

}  // namespace paylink::simulator
