#include "api/refunds.hpp"

#include "api/errors_json.hpp"
#include "api/list_query.hpp"
#include "api/media_type.hpp"
#include "api/refunds_json.hpp"
#include "app/list_chargebacks.hpp"
#include "app/refund_payment.hpp"

namespace paylink::api {
namespace {

using runtime::Access;
using runtime::Input;

constexpr std::string_view refunds_path = "/v2/payment_links/{id}/payments/{payment_id}/refunds";

// Ids that are none are ids nobody has.
Result<app::PaymentPlace> decode_place(const Input& input) {
  const auto link = PaymentLinkId::parse(input.path.values[0]);
  const auto payment = AttemptId::parse(input.path.values[1]);
  if (!link || !payment) return app::no_such_payment();
  return app::PaymentPlace{*link, *payment};
}

Result<app::RefundPayment> decode_refund_payment(const Input& input) {
  TRY(require_json(input.request));
  const auto place = TRY(decode_place(input));
  const auto amount = TRY(decode_refund(input.request.body));
  return app::RefundPayment{place, amount};
}

// app::ListRefunds and its like.
template <class Command>
Result<Command> decode_entries(const Input& input) {
  ListQuery query(input.request.query);
  const Page page = query.page();
  TRY(query.result());
  const auto place = TRY(decode_place(input));
  return Command{place, page};
}

}  // namespace

std::vector<runtime::Route> refund_routes(const app::CompatSettings& compat) {
  runtime::Routes routes(encode_error, compat.idempotency);
  routes.write(http::Method::post, refunds_path, Access::scope(app::Scope::payment_link_write), decode_refund_payment,
               app::refund_payment, [](const Refund& refund, const http::Request&) {
                 return http::Response{201, "application/json", created_refund_json(refund), {}};
               });
  routes.read(http::Method::get, refunds_path, Access::scope(app::Scope::payment_link_read),
              decode_entries<app::ListRefunds>, app::list_refunds,
              [](const Listed<Refund>& refunds, const http::Request&) {
                return http::Response{200, "application/json", refunds_json(refunds), {}};
              });
  routes.read(http::Method::get, "/v2/payment_links/{id}/payments/{payment_id}/chargebacks",
              Access::scope(app::Scope::payment_link_read), decode_entries<app::ListChargebacks>, app::list_chargebacks,
              [](const Listed<Chargeback>& chargebacks, const http::Request&) {
                return http::Response{200, "application/json", chargebacks_json(chargebacks), {}};
              });
  return routes.take();
}

}  // namespace paylink::api
