#include "simulator/endpoints.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "simulator/answers.hpp"
#include "simulator/decode.hpp"
#include "simulator/idempotency.hpp"
#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

struct ListQuery {
  std::string from;  // the id of the first entry; empty: from the start
  int limit = 50;
  Direction direction = Direction::older;
  std::string whose;  // what an access token says of it, to be said again
};

Failure bad_query(std::string name) {
  Failure failure = fail(ErrorCode::invalid_input, "bad_request", "The parameter " + name + " is invalid");
  failure.error().faults.push_back({"bad_request", std::move(name), failure.error().message, FaultSource::query});
  return failure;
}

Result<ListQuery> decode_list(std::string_view text) {
  const auto pairs = http::parse_pairs(text);
  if (!pairs) return bad_query("query");
  ListQuery query;
  for (const auto& [name, value] : *pairs) {
    if (name == "from") query.from = value;
    if (name == "limit") {
      const auto read = std::from_chars(value.data(), value.data() + value.size(), query.limit);
      if (read.ec != std::errc() || read.ptr != value.data() + value.size() || query.limit < 1 || query.limit > 250)
        return bad_query("limit");
    }
    if (name == "profileId" || name == "testmode") query.whose.append("&").append(name).append("=").append(value);
    if (name == "sort") {
      if (value != "asc" && value != "desc") return bad_query("sort");
      query.direction = value == "asc" ? Direction::newer : Direction::older;
    }
  }
  return query;
}

std::string list_target(const Call& call, const ListQuery& query, std::string_view from) {
  std::string target = std::string(call.request.path) + "?limit=" + std::to_string(query.limit);
  if (query.direction == Direction::newer) target += "&sort=asc";
  if (!from.empty()) target.append("&from=").append(from);
  return target + query.whose;
}

// Where a list's entries come from: as many as `limit` from a number on (inclusive), nearest first.
template <class Entry>
struct Source {
  std::function<Result<Entry>(std::string_view id)> find;
  std::function<Result<std::vector<Entry>>(std::int64_t from, Direction direction, int limit)> list;
};

// All of a tenant, out of `Payments`, `Refunds` or `Chargebacks`.
template <class Entry, class Store>
Source<Entry> of_tenant(const Call& call) {
  return {[&call](std::string_view id) { return Store(call.tx).find(call.tenant, id); },
          [&call](std::int64_t from, Direction direction, int limit) {
            return Store(call.tx).list(call.tenant, from, direction, limit);
          }};
}

// What is there already: the few of one payment.
template <class Entry>
Source<Entry> of_these(const std::vector<Entry>& newest_first) {
  return {[&newest_first](std::string_view id) -> Result<Entry> {
            const auto found = std::ranges::find(newest_first, id, &Entry::id);
            if (found == newest_first.end()) return fail(ErrorCode::not_found, "not_found", "There is no such entry.");
            return *found;
          },
          [&newest_first](std::int64_t from, Direction direction, int limit) -> Result<std::vector<Entry>> {
            std::vector<Entry> some;
            for (const Entry& entry : newest_first)
              if (direction == Direction::older ? entry.number <= from : entry.number >= from) some.push_back(entry);
            if (direction == Direction::newer) std::ranges::reverse(some);
            if (some.size() > static_cast<std::size_t>(limit)) some.resize(static_cast<std::size_t>(limit));
            return some;
          }};
}

template <class Entry>
Result<http::Response> answer_page(const Call& call, const Source<Entry>& source) {
  const auto query = TRY(decode_list(call.request.query));
  const bool older = query.direction == Direction::older;
  std::int64_t from = older ? std::numeric_limits<std::int64_t>::max() : 0;
  if (!query.from.empty()) {
    const auto first = source.find(query.from);
    if (!first) return bad_query("from");
    from = first->number;
  }
  Page<Entry> page;
  page.entries = TRY(source.list(from, query.direction, query.limit + 1));
  page.self = list_target(call, query, query.from);
  if (page.entries.size() > static_cast<std::size_t>(query.limit)) {
    page.next = list_target(call, query, page.entries.back().id);
    page.entries.pop_back();
  }
  if (!query.from.empty()) {
    const auto before =
        TRY(source.list(older ? from + 1 : from - 1, older ? Direction::newer : Direction::older, query.limit));
    if (!before.empty()) page.previous = list_target(call, query, before.back().id);
  }
  return list_answer(page, call.base_url);
}

Result<MethodsQuery> decode_methods(const http::Request& request) {
  const auto pairs = http::parse_pairs(request.query);
  if (!pairs) return bad_query("query");
  MethodsQuery query;
  query.self = request.path;
  std::string value_of_amount, currency;
  for (const auto& [name, value] : *pairs) {
    if (name == "includeWallets" && value.find("applepay") != std::string::npos) query.wallets = Wallets::included;
    if (name == "amount[value]") value_of_amount = value;
    if (name == "amount[currency]") currency = value;
  }
  if (value_of_amount.empty() && currency.empty()) return query;
  query.amount = parse_amount(value_of_amount, currency);
  if (!query.amount) return bad_query("amount");
  return query;
}

Result<Payment> payment_of_path(Call& call) { return Payments(call.tx).find(call.tenant, call.path.values[0]); }

}  // namespace

Result<http::Response> create_payment(Call& call) {
  return answer_once(call, [&]() -> Result<http::Response> {
    const auto wanted = TRY(decode_payment(call.request.body));
    const auto payment = TRY(Payments(call.tx).insert(call.tenant, wanted));
    return payment_answer(201, payment, call.base_url);
  });
}

Result<http::Response> show_payment(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto pairs = http::parse_pairs(call.request.query);
  if (!pairs) return bad_query("query");
  const auto embeds = [&pairs](const std::string& name) {
    return std::ranges::any_of(*pairs, [&name](const auto& pair) {
      return pair.first == "embed" && ("," + pair.second + ",").find("," + name + ",") != std::string::npos;
    });
  };
  Embedded embedded;
  if (embeds("refunds")) embedded.refunds = TRY(Refunds(call.tx).list(payment));
  if (embeds("chargebacks")) embedded.chargebacks = TRY(Chargebacks(call.tx).list(payment));
  return payment_answer(200, payment, call.base_url, embedded);
}

Result<http::Response> list_payments(Call& call) { return answer_page(call, of_tenant<Payment, Payments>(call)); }

Result<http::Response> update_payment(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto updated = TRY(decode_update(call.request.body, payment));
  TRY(Payments(call.tx).update(updated));
  return payment_answer(200, updated, call.base_url);
}

Result<http::Response> cancel_payment(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  if (!payment.is_cancelable()) return unprocessable("", "The payment cannot be canceled");
  const auto canceled = TRY(Payments(call.tx).move(payment, PaymentStatus::canceled));
  return payment_answer(200, canceled, call.base_url);
}

Result<http::Response> create_refund(Call& call) {
  return answer_once(call, [&]() -> Result<http::Response> {
    const auto payment = TRY(payment_of_path(call));
    const auto wanted = TRY(decode_refund(call.request.body, payment));
    const auto refund = TRY(Refunds(call.tx).insert(payment, wanted));
    return refund_answer(201, refund, call.base_url);
  });
}

Result<http::Response> show_refund(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto refund = TRY(Refunds(call.tx).find(payment, call.path.values[1]));
  return refund_answer(200, refund, call.base_url);
}

Result<http::Response> list_refunds(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto refunds = TRY(Refunds(call.tx).list(payment));
  return answer_page(call, of_these(refunds));
}

Result<http::Response> list_all_refunds(Call& call) { return answer_page(call, of_tenant<Refund, Refunds>(call)); }

Result<http::Response> cancel_refund(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  TRY(Refunds(call.tx).cancel(payment, call.path.values[1]));
  return http::Response{204, "", "", {}};
}

Result<http::Response> list_chargebacks(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto chargebacks = TRY(Chargebacks(call.tx).list(payment));
  return answer_page(call, of_these(chargebacks));
}

Result<http::Response> show_chargeback(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto chargeback = TRY(Chargebacks(call.tx).find(payment, call.path.values[1]));
  return chargeback_answer(chargeback, call.base_url);
}

Result<http::Response> list_all_chargebacks(Call& call) {
  return answer_page(call, of_tenant<Chargeback, Chargebacks>(call));
}

Result<http::Response> list_methods(Call& call) {
  auto query = TRY(decode_methods(call.request));
  return methods_answer(query, call.base_url);
}

Result<http::Response> list_all_methods(Call& call) {
  auto query = TRY(decode_methods(call.request));
  query.wallets = Wallets::included;
  return methods_answer(query, call.base_url);
}

Result<http::Response> show_method(Call& call) {
  const MethodRow* const method = find_method(call.path.values[0]);
  if (method == nullptr) return fail(ErrorCode::not_found, "not_found", "No payment method exists with this name.");
  return method_answer(*method, call.base_url);
}

}  // namespace paylink::simulator
