#include "simulator/endpoints.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "simulator/answers.hpp"
#include "simulator/decode.hpp"
#include "simulator/idempotency.hpp"
#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

struct ListQuery {
  std::string from;  // the id of the first payment; empty: from the start
  int limit = 50;
  Payments::Direction direction = Payments::Direction::older;
  std::string whose;  // what an access token says of it, to be said again
};

Failure bad_query(std::string name) {
  Failure failure = fail(ErrorCode::invalid_input, "bad_request", "The parameter " + name + " is invalid");
  failure.error.faults.push_back({"bad_request", std::move(name), failure.error.message, FaultSource::query});
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
      query.direction = value == "asc" ? Payments::Direction::newer : Payments::Direction::older;
    }
  }
  return query;
}

std::string list_target(const ListQuery& query, std::string_view from) {
  std::string target = "/v2/payments?limit=" + std::to_string(query.limit);
  if (query.direction == Payments::Direction::newer) target += "&sort=asc";
  if (!from.empty()) target.append("&from=").append(from);
  return target + query.whose;
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
  const auto embeds = [](const auto& pair) {
    return pair.first == "embed" && ("," + pair.second + ",").find(",chargebacks,") != std::string::npos;
  };
  if (!std::ranges::any_of(*pairs, embeds)) return payment_answer(200, payment, call.base_url);
  const auto chargebacks = TRY(Chargebacks(call.tx).list(payment));
  return payment_answer(payment, chargebacks, call.base_url);
}

Result<http::Response> list_payments(Call& call) {
  using Direction = Payments::Direction;
  const auto query = TRY(decode_list(call.request.query));
  Payments payments(call.tx);
  const bool older = query.direction == Direction::older;
  std::int64_t from = older ? std::numeric_limits<std::int64_t>::max() : 0;
  if (!query.from.empty()) {
    const auto first = payments.find(call.tenant, query.from);
    if (!first) return bad_query("from");
    from = first->number;
  }
  PaymentPage page;
  page.payments = TRY(payments.list(call.tenant, from, query.direction, query.limit + 1));
  page.self = list_target(query, query.from);
  if (page.payments.size() > static_cast<std::size_t>(query.limit)) {
    page.next = list_target(query, page.payments.back().id);
    page.payments.pop_back();
  }
  if (!query.from.empty()) {
    const auto before = TRY(payments.list(call.tenant, older ? from + 1 : from - 1,
                                          older ? Direction::newer : Direction::older, query.limit));
    if (!before.empty()) page.previous = list_target(query, before.back().id);
  }
  return payments_answer(page, call.base_url);
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
    return refund_answer(201, payment, refund, call.base_url);
  });
}

Result<http::Response> show_refund(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto refund = TRY(Refunds(call.tx).find(payment, call.path.values[1]));
  return refund_answer(200, payment, refund, call.base_url);
}

Result<http::Response> list_refunds(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto refunds = TRY(Refunds(call.tx).list(payment));
  return refunds_answer(payment, refunds, call.base_url);
}

Result<http::Response> list_chargebacks(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto chargebacks = TRY(Chargebacks(call.tx).list(payment));
  return chargebacks_answer(payment, chargebacks, call.base_url);
}

Result<http::Response> show_chargeback(Call& call) {
  const auto payment = TRY(payment_of_path(call));
  const auto chargeback = TRY(Chargebacks(call.tx).find(payment, call.path.values[1]));
  return chargeback_answer(payment, chargeback, call.base_url);
}

Result<http::Response> list_methods(Call& call) {
  const auto pairs = http::parse_pairs(call.request.query);
  if (!pairs) return bad_query("query");
  Wallets wallets = Wallets::left_out;
  std::string value_of_amount, currency;
  for (const auto& [name, value] : *pairs) {
    if (name == "includeWallets" && value.find("applepay") != std::string::npos) wallets = Wallets::included;
    if (name == "amount[value]") value_of_amount = value;
    if (name == "amount[currency]") currency = value;
  }
  std::optional<Amount> amount;
  if (!value_of_amount.empty() || !currency.empty()) {
    amount = parse_amount(value_of_amount, currency);
    if (!amount) return bad_query("amount");
  }
  return methods_answer(wallets, amount, call.base_url);
}

}  // namespace paylink::simulator
