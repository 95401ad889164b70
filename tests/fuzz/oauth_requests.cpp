// What applications send to the authorization server (oauth/parameters, authorization_query, client_credentials). One
// line: Authorization; then a query or form.
#include <algorithm>
#include <string>

#include "crypto/encoding.hpp"
#include "input.hpp"
#include "oauth/authorization_query.hpp"
#include "oauth/client_credentials.hpp"

namespace paylink {
namespace {

using oauth::Parameters;

constexpr std::string_view names[] = {
    "client_id",      "client_secret", "redirect_uri",          "response_type", "scope",
    "code_challenge", "state",         "code_challenge_method", "request",       "a"};

// What is found is found again, and nothing else, in a query that says only that.
void check_parameters(const Parameters& query) {
  std::string again;
  for (const std::string_view name : names)
    if (const auto value = query.find(name)) {
      ENSURE(!value->empty());
      again += (again.empty() ? "" : "&") + std::string(name) + "=" + http::percent_encode(*value);
    }
  const auto known = Parameters::parse(again);
  ENSURE(known && !known->repeated());
  for (const std::string_view name : names) ENSURE(known->find(name) == query.find(name));
  for (const std::string_view name : names) {
    const auto value = query.find(name);
    if (!value) continue;
    const auto twice = Parameters::parse(again + "&" + std::string(name) + "=b");
    ENSURE(twice && twice->repeated() == name && !twice->find(name));
  }
}

// An answer brings back what was sent, to the address that was registered.
void check_address(std::string_view address, const std::string& redirect_uri, std::string_view name,
                   std::string_view value, const std::optional<std::string>& state) {
  ENSURE(address.starts_with(redirect_uri));
  const auto pairs = http::parse_pairs(address.substr(address.find('?') + 1));
  ENSURE(pairs);
  const auto has = [&pairs](std::string_view key, std::string_view expected) {
    return std::ranges::count(*pairs, http::Pairs::value_type(key, expected)) == 1;
  };
  ENSURE(has(name, value) && has("iss", "https://pay.example.com"));
  ENSURE(!state || has("state", *state));
}

void check_query(const Parameters& query, store::ClientType type) {
  store::OauthClient client{};
  client.type = type;
  client.scopes = *Scopes::parse("offline_access payment_link.read payment_link.write");
  for (const std::string redirect_uri : {"https://app.example.com/back", "http://127.0.0.1/back?at=1"}) {
    const auto read = oauth::read_authorization_query(query, client, redirect_uri);
    const oauth::AuthorizationAnswer answer{redirect_uri, query.find("state"), "https://pay.example.com"};
    if (const auto* const fault = std::get_if<oauth::AuthorizationFault>(&read)) {
      ENSURE(!fault->error.empty() && !fault->description.empty());
      check_address(oauth::fault_address(answer, *fault), redirect_uri, "error", fault->error, answer.state);
      continue;
    }
    const auto& request = std::get<app::AuthorizationRequest>(read);
    ENSURE(!query.repeated() && query.find("response_type") == "code" && !query.find("request"));
    ENSURE(request.state.size() >= 8 && request.state.size() <= 1'000 && request.redirect_uri == redirect_uri);
    ENSURE(!request.scopes.empty() && client.scopes.includes(request.scopes));
    ENSURE(request.code_challenge ? request.code_challenge->size() == 43 : type == store::ClientType::confidential);
    check_address(oauth::code_address(answer, "a code/+&="), redirect_uri, "code", "a code/+&=", request.state);
  }
}

std::string basic_of(const app::ClientCredentials& credentials) {
  std::string pair = http::percent_encode(credentials.client_id) + ":";
  pair += http::percent_encode(credentials.secret->reveal());
  std::string text = crypto::to_base64url(pair);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return "Basic " + text;
}

void check_credentials(std::string_view field, const Parameters& form) {
  http::Request request;
  if (!field.empty()) request.fields.push_back({"Authorization", field});
  const auto read = oauth::read_client_credentials(request, form);
  if (!read) {
    ENSURE(read.error().reason == "invalid_client" || read.error().reason == "invalid_request");
    return;
  }
  const auto id = form.find("client_id"), secret = form.find("client_secret");
  ENSURE(!id || *id == read->client_id);
  if (field.empty()) {
    ENSURE(id && secret.has_value() == read->secret.has_value() && (!secret || *secret == read->secret->reveal()));
    return;
  }
  ENSURE(!secret && read->secret);
  const std::string written = basic_of(*read);
  request.fields.front().value = written;
  const auto again = oauth::read_client_credentials(request, form);
  ENSURE(again && again->client_id == read->client_id && again->secret->reveal() == read->secret->reveal());
  request.fields.push_back({"Authorization", written});
  ENSURE(!oauth::read_client_credentials(request, form));
}

}  // namespace
}  // namespace paylink

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = paylink::fuzz::text_of(data, size);
  const std::string_view field = paylink::fuzz::take_line(rest);
  const auto parameters = paylink::oauth::Parameters::parse(rest);
  if (!parameters) return 0;
  paylink::check_parameters(*parameters);
  paylink::check_query(*parameters, paylink::store::ClientType::confidential);
  paylink::check_query(*parameters, paylink::store::ClientType::public_client);
  paylink::check_credentials(field, *parameters);
  return 0;
}
