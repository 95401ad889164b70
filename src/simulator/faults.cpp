#include "simulator/faults.hpp"

#include <algorithm>

#include "json/document.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace paylink::simulator {
namespace {

constexpr std::int64_t ms_max = 600'000;
constexpr std::int64_t times_max = 1'000'000'000;
constexpr std::int64_t retry_after_max = 86'400;
constexpr std::int64_t drip_ms = 100;
constexpr std::int64_t reorder_ms = 1'000;
constexpr std::size_t rules_max = 100;

constexpr Words<When, 2> when_names{{{{When::before, "before"}, {When::after, "after"}}}};

// The members that only some faults have a use for.
struct Member {
  std::string_view name;
  bool (*is_of)(Fault);
};
constexpr Member members[] = {
    {"status", [](Fault fault) { return fault == Fault::status; }},
    {"retry_after", [](Fault fault) { return fault == Fault::status; }},
    {"when", [](Fault fault) { return fault == Fault::status || fault == Fault::delay; }},
    {"ms", [](Fault fault) { return fault == Fault::delay || fault == Fault::drip || fault == Fault::reorder; }},
    {"ms_min", [](Fault fault) { return fault == Fault::delay; }},
};
constexpr std::string_view common_members[] = {"operation", "fault", "times", "percent", "seed"};

void refuse_members(const json::Reader& root, std::optional<Fault> fault, json::Faults& faults) {
  if (!root.present()) return;
  for (const json::Value member : root.value().children()) {
    const std::string_view key = member.key();
    if (std::ranges::find(common_members, key) != std::end(common_members)) continue;
    const auto* const known = std::ranges::find(members, key, &Member::name);
    if (known == std::end(members))
      faults.add("unknown_field", member.pointer(), "is not a member of a fault");
    else if (fault && !known->is_of(*fault))
      faults.add("not_allowed", member.pointer(),
                 "means nothing with the fault " + std::string(fault_names.name(*fault)));
  }
}

std::optional<std::int64_t> integer_in(const json::Reader& place, std::int64_t min, std::int64_t max) {
  const auto number = place.number();
  if (!number) return std::nullopt;
  const auto value = number->integer();
  if (value && *value >= min && *value <= max) return value;
  place.fault("out_of_range", "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

void check_operation(const json::Reader& place, Operation operation, Fault fault) {
  const bool fits = operation == Operation::notification ? hits_notifications(fault) : hits_calls(fault);
  if (!fits)
    place.fault("not_allowed", operation == Operation::notification ? "does not happen to notifications"
                                                                    : "happens to notifications alone");
}

void decode_times(const json::Reader& root, FaultRule& rule) {
  if (const auto status = integer_in(root.optional("status"), 400, 599)) rule.status = static_cast<int>(*status);
  if (rule.fault == Fault::status && !root.has("status")) (void)root.required("status").number();
  if (const auto when = root.optional("when").one_of(when_names)) rule.when = *when;
  if (const auto seconds = integer_in(root.optional("retry_after"), 0, retry_after_max))
    rule.retry_after = static_cast<int>(*seconds);
  if (rule.fault == Fault::drip) rule.ms = drip_ms;
  if (rule.fault == Fault::reorder) rule.ms = reorder_ms;
  if (rule.fault == Fault::delay && !root.has("ms")) (void)root.required("ms").number();
  if (const auto ms = integer_in(root.optional("ms"), 1, ms_max)) rule.ms = *ms;
  rule.ms_min = rule.fault == Fault::reorder ? 1 : rule.ms;
  if (const auto ms = integer_in(root.optional("ms_min"), 0, rule.ms)) rule.ms_min = *ms;
  rule.times = integer_in(root.optional("times"), 1, times_max).value_or(0);
  rule.percent = integer_in(root.optional("percent"), 1, 100).value_or(100);
  rule.seed = integer_in(root.optional("seed"), 0, INT64_MAX).value_or(0);
}

// SplitMix64: the same seed, the same faults.
std::uint64_t draw(std::uint64_t& state) {
  std::uint64_t mixed = state += 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

bool means(const FaultRule& rule, Operation operation) {
  return rule.operation == operation || (rule.operation == Operation::any && operation != Operation::notification);
}

void append_rule(json::Writer& out, const FaultRule& rule, std::int64_t hits) {
  out.begin_object().text("operation", operation_names.name(rule.operation));
  out.text("fault", fault_names.name(rule.fault));
  if (rule.fault == Fault::status) out.integer("status", rule.status);
  if (rule.retry_after >= 0) out.integer("retry_after", rule.retry_after);
  if (rule.fault == Fault::status || rule.fault == Fault::delay) out.text("when", when_names.name(rule.when));
  if (rule.ms > 0) out.integer("ms", rule.ms);
  if (rule.fault == Fault::delay) out.integer("ms_min", rule.ms_min);
  if (rule.times > 0) out.integer("times", rule.times);
  out.integer("percent", rule.percent).integer("seed", rule.seed).integer("hits", hits).end_object();
}

}  // namespace

Result<FaultRule> decode_fault(std::string_view body) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const json::Reader root = json::Reader(faults, document.root()).as_object();
  FaultRule rule;
  const auto operation = root.required("operation").one_of(operation_names);
  const auto fault = root.required("fault").one_of(fault_names);
  if (operation) rule.operation = *operation;
  if (fault) rule.fault = *fault;
  if (operation && fault) check_operation(root.required("fault"), *operation, *fault);
  if (fault) decode_times(root, rule);
  refuse_members(root, fault, faults);
  TRY(faults.result());
  return rule;
}

void FaultDial::add(const FaultRule& rule) {
  const std::lock_guard lock(mutex_);
  if (rules_.size() >= rules_max) rules_.erase(rules_.begin());
  rules_.push_back({rule, 0, static_cast<std::uint64_t>(rule.seed)});
}

void FaultDial::clear() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

std::optional<Hit> FaultDial::next(Operation operation) {
  const std::lock_guard lock(mutex_);
  for (Set& set : rules_) {
    const FaultRule& rule = set.rule;
    if (!means(rule, operation) || (rule.times > 0 && set.hits >= rule.times)) continue;
    if (rule.percent < 100 && draw(set.chance) % 100 >= static_cast<std::uint64_t>(rule.percent)) continue;
    ++set.hits;
    const auto spread = static_cast<std::uint64_t>(rule.ms - rule.ms_min + 1);
    const auto more = spread > 1 ? static_cast<std::int64_t>(draw(set.chance) % spread) : 0;
    return Hit{rule, std::chrono::milliseconds(rule.ms_min + more)};
  }
  return std::nullopt;
}

std::string FaultDial::json() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  json::Writer out(text);
  out.begin_object().key("faults").begin_array();
  for (const Set& set : rules_) append_rule(out, set.rule, set.hits);
  out.end_array().end_object();
  return text;
}

}  // namespace paylink::simulator
