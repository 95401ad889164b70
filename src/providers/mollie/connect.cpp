#include "providers/mollie/connect.hpp"

#include "http/request.hpp"
#include "providers/mollie/connect_mapping.hpp"

namespace paylink::providers::mollie {
namespace {

constexpr std::string_view tokens_path = "/oauth2/tokens";
constexpr std::string_view scopes =
    "payments.read payments.write refunds.read refunds.write profiles.read organizations.read onboarding.read";

std::string pair(std::string_view name, std::string_view value) {
  return std::string(name) + "=" + http::percent_encode(value);
}

// The coroutines take everything by value: what the caller passed may be gone when they resume.
Task<Result<app::ProviderTokens>> read_issued(Task<Result<std::string>> sending, Secret known) {
  CO_TRY(body, co_await std::move(sending));
  co_return read_tokens(body, known);
}

Task<Result<>> read_nothing(Task<Result<std::string>> sending) {
  CO_CHECK(co_await std::move(sending));
  co_return Result<>();
}

}  // namespace

std::string Connect::authorize_url(std::string_view state) const {
  return application_.authorize_url + "?" + pair("client_id", application_.client_id) + "&" +
         pair("redirect_uri", application_.redirect_uri) + "&" + pair("state", state) + "&" + pair("scope", scopes) +
         "&response_type=code&approval_prompt=force";
}

Task<Result<std::string>> Connect::send(Operation operation, std::string method, std::string form) {
  const Secret name_and_secret(application_.client_id + ":" + application_.client_secret.reveal());
  return client_.send_as(name_and_secret,
                         {operation, std::move(method), std::string(tokens_path), std::move(form), ""});
}

Task<Result<app::ProviderTokens>> Connect::exchange(Secret code) {
  std::string form = "grant_type=authorization_code&" + pair("code", code.reveal()) + "&" +
                     pair("redirect_uri", application_.redirect_uri);
  return read_issued(send(Operation::exchange, "POST", std::move(form)), {});
}

Task<Result<app::ProviderTokens>> Connect::refresh(Secret refresh_token) {
  std::string form = "grant_type=refresh_token&" + pair("refresh_token", refresh_token.reveal());
  return read_issued(send(Operation::renew, "POST", std::move(form)), std::move(refresh_token));
}

Task<Result<>> Connect::revoke(Secret refresh_token) {
  std::string form = "token_type_hint=refresh_token&" + pair("token", refresh_token.reveal());
  return read_nothing(send(Operation::revoke, "DELETE", std::move(form)));
}

Task<Result<app::ProviderAccount>> Connect::account(Secret access_token) {
  const app::ProviderAccess access{std::move(access_token), app::GrantedAccess{}};
  const auto look = [&](Operation operation, std::string path) {
    return client_.send(access, {operation, "GET", std::move(path), "", ""});
  };
  app::ProviderAccount account;
  CO_TRY(organization, co_await look(Operation::organization, "/v2/organizations/me"));
  CO_TRY(name, read_organization_name(organization));
  CO_TRY(onboarding, co_await look(Operation::onboarding, "/v2/onboarding/me"));
  CO_TRY(is_complete, read_is_complete(onboarding));
  // Nobody has more; whoever did would find his others by their API keys.
  CO_TRY(list, co_await look(Operation::profiles, "/v2/profiles?limit=250"));
  CO_TRY(profiles, read_profiles(list));
  account.name = name;
  account.is_complete = is_complete;
  account.profiles = std::move(profiles);
  co_return account;
}

}  // namespace paylink::providers::mollie
