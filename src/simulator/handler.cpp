#include "simulator/handler.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "pages/assets.hpp"
#include "simulator/access.hpp"
#include "simulator/answers.hpp"
#include "simulator/connect.hpp"
#include "simulator/endpoints.hpp"
#include "simulator/faulty.hpp"
#include "simulator/organization_endpoints.hpp"
#include "simulator/payer.hpp"
#include "simulator/payer_steps.hpp"
#include "simulator/payments.hpp"
#include "simulator/refunds.hpp"

namespace paylink::simulator {
namespace {

using http::Method;

struct Route {
  Method method;
  std::string_view pattern;
  Endpoint endpoint;
  Right right{};
};

constexpr Right about_profile(std::string_view scope) { return {Credential::any, About::profile, scope}; }
constexpr Right about_payment(std::string_view scope) { return {Credential::any, About::payment, scope}; }
constexpr Right about_organization(std::string_view scope) {
  return {Credential::access_token, About::organization, scope};
}

constexpr Route routes[] = {
    {Method::post, "/v2/payments", create_payment, about_profile("payments.write")},
    {Method::get, "/v2/payments", list_payments, about_profile("payments.read")},
    {Method::get, "/v2/payments/{id}", show_payment, about_payment("payments.read")},
    {Method::del, "/v2/payments/{id}", cancel_payment, about_payment("payments.write")},
    {Method::post, "/v2/payments/{id}/refunds", create_refund, about_payment("refunds.write")},
    {Method::get, "/v2/payments/{id}/refunds", list_refunds, about_payment("refunds.read")},
    {Method::get, "/v2/payments/{id}/refunds/{refund}", show_refund, about_payment("refunds.read")},
    {Method::get, "/v2/payments/{id}/chargebacks", list_chargebacks, about_payment("payments.read")},
    {Method::get, "/v2/payments/{id}/chargebacks/{chargeback}", show_chargeback, about_payment("payments.read")},
    {Method::get, "/v2/methods", list_methods, about_profile("payments.read")},
    {Method::patch, "/v2/payments/{id}", update_payment, about_payment("payments.write")},
    {Method::del, "/v2/payments/{id}/refunds/{refund}", cancel_refund, about_payment("refunds.write")},
    {Method::get, "/v2/refunds", list_all_refunds, about_profile("refunds.read")},
    {Method::get, "/v2/chargebacks", list_all_chargebacks, about_profile("payments.read")},
    {Method::get, "/v2/methods/all", list_all_methods, about_profile("payments.read")},
    {Method::get, "/v2/methods/{id}", show_method, about_profile("payments.read")},
    {Method::get, "/v2/profiles/me", show_own_profile, {Credential::api_key}},
    {Method::get, "/v2/profiles", list_profiles, about_organization("profiles.read")},
    {Method::get, "/v2/profiles/{id}", show_profile, about_organization("profiles.read")},
    {Method::get, "/v2/organizations/me", show_organization, about_organization("organizations.read")},
    {Method::get, "/v2/onboarding/me", show_onboarding, about_organization("onboarding.read")},
    {Method::get, "/v2/permissions", list_permissions, about_organization("")},
    {Method::post, "/v2/client-links", create_client_link, about_organization("clients.write")},
    {Method::get, "/oauth2/authorize", show_authorize_page},
    {Method::post, "/oauth2/authorize", decide_authorization},
    {Method::post, "/oauth2/tokens", issue_tokens},
    {Method::del, "/oauth2/tokens", revoke_token},
    {Method::get, "/client-links/{id}", show_client_link},
    {Method::get, "/organizations/{id}", show_organization_page},
    {Method::post, "/organizations/{id}", change_organization},
    {Method::get, "/checkout/{token}", show_payer_page},
    {Method::post, "/checkout/{token}", decide_payment},
    {Method::get, "/checkout/{token}/method", show_selection},
    {Method::post, "/checkout/{token}/method", choose_method},
    {Method::post, "/checkout/{token}/card", pay_by_card},
    {Method::get, "/checkout/{token}/challenge", show_challenge},
    {Method::post, "/checkout/{token}/challenge", answer_challenge},
    {Method::post, "/checkout/{token}/wallet", pay_by_wallet},
    {Method::get, "/checkout/{token}/bank", show_bank},
    {Method::post, "/checkout/{token}/bank", choose_or_answer_bank},
    {Method::get, "/test-cards", show_test_cards},
    {Method::get, "/change-payment-state/{id}", show_state_page},
    {Method::post, "/change-payment-state/{id}", change_state},
};

// What a rule of the fault dial calls them; the payer's pages never fail.
constexpr std::pair<Endpoint, Operation> operations[] = {
    {create_payment, Operation::create},
    {show_payment, Operation::get},
    {list_payments, Operation::list},
    {cancel_payment, Operation::cancel},
    {create_refund, Operation::refund},
    {show_refund, Operation::get_refund},
    {list_refunds, Operation::list_refunds},
    {show_chargeback, Operation::get_chargeback},
    {list_chargebacks, Operation::list_chargebacks},
    {list_all_chargebacks, Operation::list_chargebacks},
    {list_methods, Operation::methods},
    {show_own_profile, Operation::profile},
    {issue_tokens, Operation::tokens},
    {revoke_token, Operation::revoke},
    {show_organization, Operation::organization},
    {show_onboarding, Operation::onboarding},
    {list_profiles, Operation::profiles},
};

bool is_api(std::string_view path) { return path.starts_with("/v2/"); }

Result<> check_media_type(const http::Request& request) {
  const bool is_checked = request.method == Method::post || request.method == Method::patch;
  if (!is_checked || request.path == "/oauth2/tokens") return {};
  const std::string_view wanted = is_api(request.path) ? "application/json" : "application/x-www-form-urlencoded";
  const std::string_view sent = request.field("Content-Type").value_or("");
  if (sent.substr(0, sent.find(';')) == wanted) return {};
  return fail(ErrorCode::unsupported_media_type, "unsupported_media_type",
              "The Content-Type has to be " + std::string(wanted));
}

}  // namespace

Result<> let_time_pass(sql::Transaction& tx) {
  TRY(Payments(tx).expire());
  return Refunds(tx).settle();
}

Handler::Handler(Database& database, const pages::Site& site, std::function<void()> changed, FaultDial& faults,
                 Wire& wire)
    : database_(database), site_(site), changed_(std::move(changed)), faults_(faults), wire_(wire) {
  for (std::size_t i = 0; i < std::size(routes); ++i) paths_.add(routes[i].method, routes[i].pattern, i);
}

void Handler::handle(http::Exchange& exchange) noexcept {
  const http::Request& request = exchange.request();
  if (request.path == "/faults") return exchange.respond(answer_about_faults(request, faults_, base_url_));
  if (const auto hit = next_fault(request)) {
    const auto answer = [this, &request] { return answer_guarded(request); };
    return answer_badly(exchange, *hit, answer, wire_, base_url_);
  }
  exchange.respond(answer_guarded(request));
}

std::optional<Hit> Handler::next_fault(const http::Request& request) {
  const http::PathTable::Match match = paths_.find(request.method, request.path);
  if (match.matched != http::Matched::found) return std::nullopt;
  const auto* const known =
      std::ranges::find(operations, routes[match.index].endpoint, &std::pair<Endpoint, Operation>::first);
  return known == std::end(operations) ? std::nullopt : faults_.next(known->second);
}

http::Response Handler::answer_guarded(const http::Request& request) noexcept {
  try {
    return answer(request);
  } catch (const std::exception& exception) {
    LOG(error, "simulator_bug", {"what", exception.what()});
    return error_answer(500, "Something went wrong in the simulator.", "", base_url_);
  }
}

http::Response Handler::answer(const http::Request& request) {
  if (request.method == Method::get || request.method == Method::head)
    if (auto asset = pages::asset(request.path)) return *std::move(asset);
  const http::PathTable::Match match = paths_.find(request.method, request.path);
  if (match.matched == http::Matched::no_such_method) {
    http::Response response = error_answer(405, "The method is not supported on this path.", "", base_url_);
    response.add_field("Allow", match.allow);
    return response;
  }
  if (match.matched == http::Matched::no_such_path)
    return error_answer(404, "There is nothing at this path.", "", base_url_);
  auto response = run(match, request);
  if (response) return *std::move(response);
  if (!response.error().detail.empty()) LOG(warn, "simulator_refused", {"detail", response.error().detail});
  return error_answer(response.error(), base_url_);
}

Result<http::Response> Handler::run(const http::PathTable::Match& match, const http::Request& request) {
  const Route& route = routes[match.index];
  http::Response response;
  const auto step = [&](sql::Transaction& tx) -> Result<> {
    TRY(let_time_pass(tx));
    Call call{tx, request, match.path, {}, {}, {}, base_url_, site_};
    TRY(identify(call, route.right));
    TRY(check_media_type(request));
    response = TRY(route.endpoint(call));
    return {};
  };
  TRY(database_.write(step));
  if (request.method != Method::get && request.method != Method::head) changed_();
  return response;
}

http::Response Handler::refuse(int status, std::string_view, std::string_view message, std::string_view) noexcept {
  return error_answer(status, message, "", base_url_);
}

void Handler::answered(const http::Request& request, int status, std::int64_t microseconds) noexcept {
  LOG(debug, "simulator_request", {"method", http::method_name(request.method)}, {"path", request.path},
      {"status", status}, {"microseconds", microseconds});
}

}  // namespace paylink::simulator
