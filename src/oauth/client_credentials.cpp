#include "oauth/client_credentials.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "crypto/encoding.hpp"

namespace paylink::oauth {
namespace {

constexpr std::string_view basic = "basic ";

Failure bad_basic() {
  return fail(ErrorCode::unauthenticated, "invalid_client",
              "The Authorization field must be Basic with client_id:client_secret in base64.");
}

// RFC 4648 with its usual alphabet; padding may be left out.
std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string url(text);
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  return text.find_first_of("-_") == std::string_view::npos ? crypto::from_base64url(url) : std::nullopt;
}

Result<app::ClientCredentials> read_basic(std::string_view field) {
  if (!equal_ignoring_case(field.substr(0, basic.size()), basic)) return bad_basic();
  field.remove_prefix(basic.size());
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  const auto pair = from_base64(field);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return bad_basic();
  auto id = http::percent_decode(std::string_view(*pair).substr(0, colon), http::PlusSign::space);
  auto secret = http::percent_decode(std::string_view(*pair).substr(colon + 1), http::PlusSign::space);
  if (!id || !secret) return bad_basic();
  return app::ClientCredentials{*std::move(id), Secret(*std::move(secret))};
}

}  // namespace

Result<app::ClientCredentials> read_client_credentials(const http::Request& request, const Parameters& form) {
  const auto id = form.find("client_id");
  const auto secret = form.find("client_secret");
  const std::size_t fields = request.count("Authorization");
  if (fields > 0) {
    if (secret || fields > 1)
      return fail(ErrorCode::invalid_input, "invalid_request",
                  "Prove who you are in one way: by the Authorization field or by client_secret.");
    auto credentials = TRY(read_basic(request.field("Authorization").value_or("")));
    if (id && *id != credentials.client_id)
      return fail(ErrorCode::invalid_input, "invalid_request",
                  "The client_id of the form is not that of the Authorization field.");
    return credentials;
  }
  if (!id)
    return fail(ErrorCode::unauthenticated, "invalid_client",
                "The parameter client_id is missing: say which client you are, there or by HTTP Basic.");
  app::ClientCredentials credentials{*id, {}};
  if (secret) credentials.secret = Secret(*secret);
  return credentials;
}

}  // namespace paylink::oauth
