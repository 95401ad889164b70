#include "simulator/access.hpp"

#include <algorithm>

#include "json/document.hpp"
#include "simulator/authorizations.hpp"
#include "simulator/organizations.hpp"
#include "simulator/payments.hpp"
#include "simulator/refusal.hpp"
#include "simulator/tenant.hpp"

namespace paylink::simulator {
namespace {

using http::Method;

constexpr std::string_view token_prefix = "access_";

// What says whom a call is about.
struct Parameters {
  std::optional<std::string> profile;
  std::optional<Mode> mode;
};

Failure bad_parameter(const Call& call, std::string_view name, std::string detail) {
  if (call.request.method != Method::get && call.request.method != Method::head)
    return unprocessable(std::string(name), std::move(detail));
  Failure failure = fail(ErrorCode::invalid_input, "bad_request", detail);
  failure.error().faults.push_back({"bad_request", std::string(name), std::move(detail), FaultSource::query});
  return failure;
}

Result<Parameters> of_query(const Call& call) {
  Parameters found;
  const auto pairs = http::parse_pairs(call.request.query);
  if (!pairs) return bad_parameter(call, "query", "The query is invalid");
  for (const auto& [name, value] : *pairs) {
    if (name == "profileId") found.profile = value;
    if (name != "testmode") continue;
    if (value != "true" && value != "false") return bad_parameter(call, name, "The testmode is not a boolean");
    found.mode = value == "true" ? Mode::test : Mode::live;
  }
  return found;
}

// A body that is no JSON object says nothing here: its endpoint refuses it.
Result<Parameters> of_body(const Call& call) {
  Parameters found;
  const auto document = json::Document::parse(call.request.body);
  if (!document || document->root().type() != json::Type::object) return found;
  const auto profile = document->root().find("profileId");
  if (profile && !profile->is_null()) {
    if (profile->type() != json::Type::text) return bad_parameter(call, "profileId", "The profileId is not a string");
    found.profile = profile->text();
  }
  const auto mode = document->root().find("testmode");
  if (mode && !mode->is_null()) {
    if (mode->type() != json::Type::boolean) return bad_parameter(call, "testmode", "The testmode is not a boolean");
    found.mode = mode->boolean() ? Mode::test : Mode::live;
  }
  return found;
}

Result<Parameters> parameters_of(const Call& call) {
  const bool reads = call.request.method == Method::get || call.request.method == Method::head;
  return reads ? of_query(call) : of_body(call);
}

Result<> identify_key(Call& call, std::string_view key, const Right& right) {
  call.tenant = TRY(tenant_of(key));
  if (right.credential == Credential::access_token)
    return fail(ErrorCode::forbidden, "forbidden", "This endpoint is for access tokens of organizations");
  const auto said = TRY(parameters_of(call));
  if (said.profile) return bad_parameter(call, "profileId", "The profileId must not be sent with an API key");
  if (said.mode) return bad_parameter(call, "testmode", "The testmode must not be sent with an API key");
  return {};
}

// Of a payment of somebody else, and of the other mode, no tenant: it is not found.
Result<> identify_payment(Call& call, const Parameters& said) {
  const auto payment = Payments(call.tx).find_by_id(call.path.values[0]);
  if (!payment && payment.error().code != ErrorCode::not_found) return Failure{payment.error()};
  if (!payment) return {};
  const auto profile = TRY(Organizations(call.tx).profile_of_tenant(payment->tenant));
  if (profile && profile->organization == call.organization &&
      tenant_in(*profile, said.mode.value_or(Mode::live)) == payment->tenant)
    call.tenant = payment->tenant;
  return {};
}

Result<> identify_profile(Call& call, const Parameters& said) {
  if (!said.profile) return bad_parameter(call, "profileId", "The profileId is required with an access token");
  const auto profiles = TRY(Organizations(call.tx).profiles(call.organization));
  const auto profile = std::ranges::find(profiles, *said.profile, &Profile::id);
  if (profile == profiles.end()) return bad_parameter(call, "profileId", "The profileId is none of the organization's");
  call.tenant = tenant_in(*profile, said.mode.value_or(Mode::live));
  return {};
}

Result<> identify_token(Call& call, std::string_view token, const Right& right) {
  const auto authorization = TRY(Authorizations(call.tx).find(token));
  if (!authorization) return unauthenticated();
  if (right.credential == Credential::api_key)
    return fail(ErrorCode::forbidden, "forbidden", "This endpoint is for API keys");
  if (!right.scope.empty() && !authorization->allows(right.scope))
    return fail(ErrorCode::forbidden, "forbidden",
                "The access token does not have the required permission " + std::string(right.scope));
  call.organization = authorization->organization;
  call.scopes = authorization->scopes;
  if (right.about == About::organization) {
    call.tenant = authorization->organization;
    return {};
  }
  const auto said = TRY(parameters_of(call));
  return right.about == About::payment ? identify_payment(call, said) : identify_profile(call, said);
}

}  // namespace

Result<> identify(Call& call, const Right& right) {
  if (right.credential == Credential::none) return {};
  const std::string_view bearer = bearer_of(call.request.field("Authorization"));
  return bearer.starts_with(token_prefix) ? identify_token(call, bearer, right) : identify_key(call, bearer, right);
}

}  // namespace paylink::simulator
