#include "api/payment_links.hpp"

#include "api/errors_json.hpp"
#include "api/list_query.hpp"
#include "api/media_type.hpp"
#include "api/payment_links_json.hpp"
#include "api/payments_json.hpp"
#include "app/create_payment_link.hpp"
#include "app/deactivate_payment_link.hpp"
#include "app/find_payment_link.hpp"
#include "app/list_payment_links.hpp"
#include "app/list_payments.hpp"

namespace paylink::api {
namespace {

using runtime::Access;
using runtime::Input;

// An id that is none is an id nobody has.
Result<app::FindPaymentLink> decode_find(const Input& input) {
  const auto id = PaymentLinkId::parse(input.path.values[0]);
  if (!id) return fail(ErrorCode::not_found, "not_found", "There is no such payment link.");
  return app::FindPaymentLink{*id};
}

constexpr auto link_order_names = names<LinkOrder>({
    {LinkOrder::amount, "amount"},
    {LinkOrder::expiration_date, "expiration_date"},
});

Result<app::ListPaymentLinks> decode_list(const Input& input) {
  ListQuery query(input.request.query);
  app::ListPaymentLinks command;
  command.cursor = query.cursor();
  command.page = query.page();
  command.filter.statuses = query.statuses(link_status_names);
  command.filter.metadata = query.metadata(app::metadata_filters_max);
  if (const auto sorted = query.sort_by(link_order_names)) {
    command.filter.order = sorted->first;
    command.filter.direction = sorted->second;
  }
  TRY(query.result());
  return command;
}

enum class PaymentOrder : std::uint8_t { creation_date };
constexpr auto payment_order_names = names<PaymentOrder>({{PaymentOrder::creation_date, "creation_date"}});

Result<app::ListPayments> decode_payments(const Input& input) {
  ListQuery query(input.request.query);
  app::ListPayments command;
  command.page = query.page();
  command.filter.states = query.statuses(attempt_state_names);
  if (const auto sorted = query.sort_by(payment_order_names)) command.filter.direction = sorted->second;
  TRY(query.result());
  command.link = TRY(decode_find(input)).id;
  return command;
}

}  // namespace

std::vector<runtime::Route> payment_link_routes(const PaymentLinkTools& tools) {
  const app::CompatSettings compat = tools.compat;
  const std::string public_url = tools.public_url;
  const Clock& clock = tools.clock;
  runtime::Routes routes(encode_error, compat.idempotency);
  routes.write(
      http::Method::post, "/v2/payment_links", Access::scope(app::Scope::payment_link_create),
      [compat](const Input& input) -> Result<app::CreatePaymentLink> {
        TRY(require_json(input.request));
        return decode_create_payment_link(input.request.body, compat);
      },
      app::create_payment_link,
      [public_url](const PaymentLink& link, const http::Request&) {
        return http::Response{
            201, "application/json", created_payment_link_json(link, {public_url, link.created_at}), {}};
      });
  const auto show_link = [public_url, compat, &clock](const PaymentLink& link, const http::Request&) {
    const LinkContext context{public_url, clock.now()};
    return http::Response{200, "application/json", single_payment_link_json(link, context, compat.single_link), {}};
  };
  routes.read(http::Method::get, "/v2/payment_links/{id}", Access::scope(app::Scope::payment_link_read), decode_find,
              app::find_payment_link, show_link);
  routes.flow(http::Method::patch, "/v2/payment_links/{id}/deactivate", Access::scope(app::Scope::payment_link_write),
              decode_find, app::DeactivatePaymentLink(tools.lane, tools.payments), show_link);
  routes.slow_read(http::Method::get, "/v2/payment_links", Access::scope(app::Scope::payment_link_read), decode_list,
                   app::ListLinks(tools.keys, tools.page_ends, tools.follower),
                   [public_url, &clock](const app::ListedLinks& links, const http::Request&) {
                     return http::Response{
                         200, "application/json", payment_links_json(links, {public_url, clock.now()}), {}};
                   });
  routes.slow_read(http::Method::get, "/v2/payment_links/{id}/payments", Access::scope(app::Scope::payment_link_read),
                   decode_payments, app::list_payments, [](const Listed<app::Payment>& payments, const http::Request&) {
                     return http::Response{200, "application/json", payments_json(payments), {}};
                   });
  return routes.take();
}

}  // namespace paylink::api
