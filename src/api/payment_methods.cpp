#include "api/payment_methods.hpp"

#include <algorithm>

#include "api/errors_json.hpp"
#include "api/list_query.hpp"
#include "json/writer.hpp"

namespace paylink::api {
namespace {

Result<app::MethodsQuestion> decode(const runtime::Input& input) {
  ListQuery query(input.request.query);
  app::MethodsQuestion question;
  question.amount = query.amount();
  question.locale = query.locale();
  TRY(query.result());
  return question;
}

http::Response encode(const PaymentMethods& methods, const http::Request&) {
  std::string text;
  json::Writer json(text);
  json.begin_object().key("payment_link_payment_methods").begin_array();
  for (const auto& [method, name] : payment_method_names.rows) {
    json.begin_object().text("name", name);
    json.boolean("enabled", std::ranges::find(methods, method) != methods.end()).end_object();
  }
  json.end_array().end_object();
  return {200, "application/json", std::move(text), {}};
}

}  // namespace

std::vector<runtime::Route> payment_method_routes(app::OfferedMethods& offered) {
  runtime::Routes routes(encode_error);
  routes.flow(
      http::Method::get, "/v2/payment_links/payment_methods", runtime::Access::scope(app::Scope::payment_link_read),
      decode,
      [&offered](app::MethodsQuestion question, const app::Caller& caller) {
        return offered(std::move(question), caller);
      },
      encode);
  return routes.take();
}

}  // namespace paylink::api
