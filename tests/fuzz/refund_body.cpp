// The body of a refund (api/refunds_json). What is accepted is more than zero, and means the same when it is sent
// again.
#include <string>

#include "api/refunds_json.hpp"
#include "app/payment_json.hpp"
#include "body_faults.hpp"
#include "input.hpp"
#include "json/writer.hpp"

namespace paylink {
namespace {

std::string written(const std::optional<Money>& amount) {
  std::string text;
  json::Writer json(text);
  json.begin_object().key("refund").begin_object();
  if (amount) app::write_money_member(json, "amount", *amount);
  json.end_object().end_object();
  return text;
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto amount = paylink::api::decode_refund(paylink::fuzz::text_of(data, size));
  if (!amount) {
    paylink::fuzz::check_faults(amount.error());
    return 0;
  }
  ENSURE(!*amount || ((*amount)->minor_units() > 0 && (*amount)->minor_units() <= paylink::amount_minor_max));
  const auto again = paylink::api::decode_refund(paylink::written(*amount));
  ENSURE(again.has_value() && *again == *amount);
  return 0;
}
