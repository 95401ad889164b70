// The query of a list (api/list_query), as the lists of links and of payments read it. What is accepted, written out in
// its plainest form, means the same.
#include <set>
#include <string>

#include "api/errors_json.hpp"
#include "api/list_query.hpp"
#include "domain/attempt.hpp"
#include "domain/filters.hpp"
#include "domain/link_status.hpp"
#include "input.hpp"
#include "json/document.hpp"

namespace paylink {
namespace {

constexpr auto orders = names<LinkOrder>({
    {LinkOrder::created, "created_at"},
    {LinkOrder::amount, "amount"},
    {LinkOrder::expiration_date, "expiration_date"},
});

template <class State>
struct Asked {
  Page page;
  std::vector<State> states;
  std::optional<std::pair<LinkOrder, Direction>> order;
};

template <class State, std::size_t N>
Result<Asked<State>> read(std::string_view text, const Names<State, N>& names) {
  api::ListQuery query(text);
  Asked<State> asked;
  asked.page = query.page();
  asked.states = query.statuses(names);
  asked.order = query.sort_by(orders);
  TRY(query.result());
  return asked;
}

template <class State, std::size_t N>
std::string written(const Asked<State>& asked, const Names<State, N>& names) {
  std::string text = "per_page=" + std::to_string(asked.page.size) + "&page=" + std::to_string(asked.page.number);
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
  ENSURE(again->states == asked->states && again->order == asked->order);
  std::string meta;
  json::Writer out(meta);
  out.begin_object();
  api::write_meta(out, asked->page, static_cast<std::int64_t>(text.size()));
  out.end_object();
  ENSURE(json::Document::parse(meta).has_value());
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check(text, paylink::link_status_names);
  paylink::check(text, paylink::attempt_state_names);
  return 0;
}
