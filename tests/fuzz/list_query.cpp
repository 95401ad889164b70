// The query of a list and of payment methods (api/list_query), as each of them reads it. What is accepted, written out
// in its plainest form, means the same.
#include <algorithm>
#include <concepts>
#include <set>
#include <string>

#include "api/errors_json.hpp"
#include "api/list_query.hpp"
#include "domain/attempt.hpp"
#include "domain/filters.hpp"
#include "domain/link_status.hpp"
#include "input.hpp"
#include "json/document.hpp"
#include "percent_encode.hpp"

namespace paylink {
namespace {

constexpr auto orders = names<LinkOrder>({
    {LinkOrder::created, "created_at"},
    {LinkOrder::amount, "amount"},
    {LinkOrder::expiration_date, "expiration_date"},
});

constexpr std::size_t pairs_max = 5;

// Only lists of links have a cursor, and are filtered by metadata.
template <class State>
constexpr bool is_of_links = std::same_as<State, LinkStatus>;

template <class State>
struct Asked {
  std::optional<std::string> cursor;
  Page page;
  Metadata metadata;
  std::vector<State> states;
  std::optional<std::pair<LinkOrder, Direction>> order;
};

template <class State, std::size_t N>
Result<Asked<State>> read(std::string_view text, const Names<State, N>& names) {
  api::ListQuery query(text);
  Asked<State> asked;
  if (is_of_links<State>) asked.cursor = query.cursor();
  asked.page = query.page();
  asked.states = query.statuses(names);
  if (is_of_links<State>) asked.metadata = query.metadata(pairs_max);
  asked.order = query.sort_by(orders);
  TRY(query.result());
  return asked;
}

std::string written(const Metadata& metadata) {
  std::string text;
  for (const auto& [name, value] : metadata)
    text += (text.empty() ? "metadata%5B" : "&metadata%5B") + name + "%5D=" + fuzz::percent_encode(value);
  return text;
}

bool are_same(const Metadata& a, const Metadata& b) {
  return std::ranges::equal(
      a, b, [](const auto& one, const auto& other) { return one.name == other.name && one.value == other.value; });
}

template <class State, std::size_t N>
std::string written(const Asked<State>& asked, const Names<State, N>& names) {
  std::string text = "per_page=" + std::to_string(asked.page.size);
  if (asked.cursor)
    text += "&cursor=" + fuzz::percent_encode(*asked.cursor);
  else
    text += "&page=" + std::to_string(asked.page.number);
  if (!asked.metadata.empty()) text += "&" + written(asked.metadata);
  for (const State state : asked.states) text += "&status[]=" + std::string(names.name(state));
  if (!asked.order) return text;
  text += "&sort_by=" + std::string(orders.name(asked.order->first));
  return text + (asked.order->second == Direction::ascending ? "%3Aasc" : ":desc");
}

void check_faults(const Error& error) {
  ENSURE(error.code == ErrorCode::invalid_input && error.reason == "bad_request" && error.faults.size() <= 20);
  for (const Fault& fault : error.faults) {
    ENSURE(fault.source == FaultSource::query && fuzz::is_utf8(fault.where) && fuzz::is_utf8(fault.detail));
    ENSURE(fault.detail.starts_with(fault.where));
  }
  ENSURE(json::Document::parse(api::errors_json(error, "0")).has_value());
}

template <class State, std::size_t N>
void check(std::string_view text, const Names<State, N>& names) {
  const auto asked = read(text, names);
  if (!asked) return check_faults(asked.error());
  ENSURE(asked->page.number >= 1 && asked->page.size >= 1 && asked->page.size <= 100 && asked->page.offset() >= 0);
  const std::set<State> distinct(asked->states.begin(), asked->states.end());
  ENSURE(distinct.size() == asked->states.size());
  const auto again = read(written(*asked, names), names);
  ENSURE(again.has_value() && again->page.number == asked->page.number && again->page.size == asked->page.size);
  ENSURE(again->states == asked->states && again->order == asked->order && again->cursor == asked->cursor);
  ENSURE(are_same(again->metadata, asked->metadata) && (!asked->cursor || asked->page.number == 1));
  std::string meta;
  json::Writer out(meta);
  out.begin_object();
  api::write_meta(out, asked->page, static_cast<std::int64_t>(text.size()));
  out.end_object();
  ENSURE(json::Document::parse(meta).has_value());
}

Result<Metadata> read_metadata(std::string_view text) {
  api::ListQuery query(text);
  auto metadata = query.metadata(pairs_max);
  TRY(query.result());
  return metadata;
}

void check_metadata(std::string_view text) {
  const auto metadata = read_metadata(text);
  if (!metadata) return check_faults(metadata.error());
  ENSURE(metadata->size() <= pairs_max);
  std::set<std::string> names;
  for (const auto& [name, value] : *metadata)
    ENSURE(is_metadata_name(name) && names.insert(name).second && fuzz::is_utf8(value));
  const auto again = read_metadata(written(*metadata));
  ENSURE(again.has_value() && are_same(*again, *metadata));
}

struct MethodsQuery {
  std::optional<Money> amount;
  std::string locale;
};

Result<MethodsQuery> read_methods_query(std::string_view text) {
  api::ListQuery query(text);
  MethodsQuery asked;
  asked.amount = query.amount();
  asked.locale = query.locale();
  TRY(query.result());
  return asked;
}

void check_methods_query(std::string_view text) {
  const auto asked = read_methods_query(text);
  if (!asked) return check_faults(asked.error());
  std::string plain;
  if (asked->amount) {
    ENSURE(asked->amount->minor_units() > 0 && asked->amount->minor_units() <= amount_minor_max);
    plain = "amount=" + asked->amount->decimal() + "&currency=" + std::string(asked->amount->currency().code());
  }
  ENSURE(asked->locale.empty() || (asked->locale.size() == 5 && asked->locale[2] == '_'));
  if (!asked->locale.empty()) plain += (plain.empty() ? "locale=" : "&locale=") + asked->locale;
  const auto again = read_methods_query(plain);
  ENSURE(again.has_value() && again->amount == asked->amount && again->locale == asked->locale);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check(text, paylink::link_status_names);
  paylink::check(text, paylink::attempt_state_names);
  paylink::check_metadata(text);
  paylink::check_methods_query(text);
  return 0;
}
