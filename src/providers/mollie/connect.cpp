#include "providers/mollie/connect.hpp"

#include "base/log.hpp"
#include "crypto/encoding.hpp"
#include "http/request.hpp"
#include "providers/mollie/connect_mapping.hpp"
#include "providers/mollie/mapping.hpp"

namespace paylink::providers::mollie {
namespace {

constexpr std::chrono::seconds deadline{10};
constexpr std::string_view tokens_path = "/oauth2/tokens";
constexpr std::string_view scopes =
    "payments.read payments.write refunds.read refunds.write profiles.read organizations.read onboarding.read";

// RFC 4648 with padding, as HTTP Basic wants it.
std::string to_base64(std::string_view bytes) {
  std::string text = crypto::to_base64url(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string pair(std::string_view name, std::string_view value) {
  return std::string(name) + "=" + http::percent_encode(value);
}

bool is_success(int status) { return status >= 200 && status < 300; }

}  // namespace

std::string Connect::authorize_url(std::string_view state) const {
  return application_.authorize_url + "?" + pair("client_id", application_.client_id) + "&" +
         pair("redirect_uri", application_.redirect_uri) + "&" + pair("state", state) + "&" + pair("scope", scopes) +
         "&response_type=code&approval_prompt=force";
}

http::ClientRequest Connect::token_request(std::string method, std::string form) const {
  http::ClientRequest request;
  request.method = std::move(method);
  request.url = base_url_ + std::string(tokens_path);
  const std::string pair = application_.client_id + ":" + application_.client_secret.reveal();
  request.fields = {{"Authorization", "Basic " + to_base64(pair)},
                    {"Accept", "application/json"},
                    {"Content-Type", "application/x-www-form-urlencoded"},
                    {"User-Agent", "Paylink/0.1"}};
  request.body = std::move(form);
  request.timeout = deadline;
  return request;
}

Task<Result<http::ClientResponse>> Connect::send(http::ClientRequest request) {
  auto answer = co_await http_.send(std::move(request));
  if (!answer) LOG(warn, "provider_unreachable", {"reason", answer.error().reason}, {"detail", answer.error().detail});
  co_return answer;
}

Task<Result<app::ProviderTokens>> Connect::ask_for_tokens(std::string form, Secret refresh_token) {
  CO_TRY(answer, co_await send(token_request("POST", std::move(form))));
  if (!is_success(answer.status)) co_return read_token_failure(answer.status, answer.body);
  co_return read_tokens(answer.body, refresh_token);
}

Task<Result<app::ProviderTokens>> Connect::exchange(Secret code) {
  return ask_for_tokens("grant_type=authorization_code&" + pair("code", code.reveal()) + "&" +
                            pair("redirect_uri", application_.redirect_uri),
                        {});
}

Task<Result<app::ProviderTokens>> Connect::refresh(Secret refresh_token) {
  std::string form = "grant_type=refresh_token&" + pair("refresh_token", refresh_token.reveal());
  return ask_for_tokens(std::move(form), std::move(refresh_token));
}

Task<Result<>> Connect::revoke(Secret refresh_token) {
  std::string form = "token_type_hint=refresh_token&" + pair("token", refresh_token.reveal());
  CO_TRY(answer, co_await send(token_request("DELETE", std::move(form))));
  if (!is_success(answer.status)) co_return read_token_failure(answer.status, answer.body);
  co_return Result<>();
}

Task<Result<std::string>> Connect::look(Secret access_token, std::string_view path) {
  http::ClientRequest request;
  request.url = base_url_ + std::string(path);
  request.fields = {{"Authorization", "Bearer " + access_token.reveal()},
                    {"Accept", "application/hal+json"},
                    {"User-Agent", "Paylink/0.1"}};
  request.timeout = deadline;
  CO_TRY(answer, co_await send(std::move(request)));
  if (!is_success(answer.status)) co_return read_failure(Operation::find, answer.status, answer.body);
  co_return std::move(answer.body);
}

Task<Result<app::ProviderAccount>> Connect::account(Secret access_token) {
  app::ProviderAccount account;
  CO_TRY(organization, co_await look(access_token, "/v2/organizations/me"));
  CO_TRY(name, read_organization_name(organization));
  CO_TRY(onboarding, co_await look(access_token, "/v2/onboarding/me"));
  CO_TRY(is_complete, read_is_complete(onboarding));
  // Nobody has more; whoever did would find his others by their API keys.
  CO_TRY(list, co_await look(access_token, "/v2/profiles?limit=250"));
  CO_TRY(profiles, read_profiles(list));
  account.name = name;
  account.is_complete = is_complete;
  account.profiles = std::move(profiles);
  co_return account;
}

}  // namespace paylink::providers::mollie
