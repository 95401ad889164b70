#include "providers/mollie/connect_mapping.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "json/document.hpp"
#include "json/writer.hpp"
#include "providers/mollie/answer.hpp"
#include "providers/mollie/mapping.hpp"

namespace paylink::providers::mollie {
namespace {

using json::Type;
using json::Value;

// A token goes into a header field: nothing else may come out of this.
constexpr std::size_t token_bytes_max = 512;

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= token_bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

// Never with what it holds in the detail: a token may be among it.
Result<json::Document> parse(std::string_view body) {
  auto document = json::Document::parse(body);
  if (!document || document->root().type() != Type::object) return nonsense("no JSON object");
  return document;
}

Result<json::Document> parse_connect_resource(std::string_view body, std::string_view resource) {
  auto document = TRY(parse(body));
  const auto name = member(document.root(), "resource", Type::text);
  if (!name || name->text() != resource) return nonsense("no " + std::string(resource));
  return document;
}

}  // namespace

std::string body_by(const app::ProviderAccess& access, std::string body, Says says) {
  if (!access.granted) return body;
  std::string said;
  json::Writer out(said);
  out.begin_object();
  if (says == Says::profile_and_mode) out.text("profileId", access.granted->profile_id);
  out.boolean("testmode", access.granted->is_test);
  out.end_object();
  if (body.size() <= 2) return said;  // nothing, or an empty object
  body.back() = ',';
  return body + said.substr(1);
}

std::string target_by(const app::ProviderAccess& access, std::string target, Says says) {
  if (!access.granted) return target;
  target += target.find('?') == std::string::npos ? '?' : '&';
  if (says == Says::profile_and_mode) target.append("profileId=").append(access.granted->profile_id).append("&");
  return target + (access.granted->is_test ? "testmode=true" : "testmode=false");
}

Result<app::ProviderTokens> read_tokens(std::string_view body, const Secret& known) {
  const auto document = TRY(parse(body));
  const auto access = member(document.root(), "access_token", Type::text);
  const auto refresh = member(document.root(), "refresh_token", Type::text);
  const auto life = member(document.root(), "expires_in", Type::number);
  const auto seconds = life ? life->integer() : std::nullopt;
  if (!access || !is_token(access->text())) return nonsense("no access_token");
  if (refresh && !is_token(refresh->text())) return nonsense("the refresh_token is none");
  if (!refresh && known.reveal().empty()) return nonsense("no refresh_token");
  if (!seconds || *seconds < 60 || *seconds > 366 * 86'400) return nonsense("no expires_in");
  return app::ProviderTokens{Secret(std::string(access->text())),
                             refresh ? Secret(std::string(refresh->text())) : known, std::chrono::seconds(*seconds)};
}

Result<std::string> read_organization_name(std::string_view body) {
  const auto document = TRY(parse_connect_resource(body, "organization"));
  const auto name = member(document.root(), "name", Type::text);
  if (!name) return nonsense("an organization without a name");
  return as_text(name->text());
}

Result<bool> read_is_complete(std::string_view body) {
  const auto document = TRY(parse_connect_resource(body, "onboarding"));
  const auto status = member(document.root(), "status", Type::text);
  if (!status) return nonsense("no onboarding status");
  const std::string_view state = status->text();
  if (state != "completed" && state != "in-review" && state != "needs-data")
    return nonsense("the onboarding status is " + std::string(state));
  return state == "completed";
}

Result<std::vector<app::ProviderProfile>> read_profiles(std::string_view body) {
  const auto document = TRY(parse(body));
  const auto embedded = member(document.root(), "_embedded", Type::object);
  const auto list = embedded ? member(*embedded, "profiles", Type::array) : std::nullopt;
  if (!list) return nonsense("a list without its profiles");
  std::vector<app::ProviderProfile> profiles;
  for (const Value entry : list->children()) {
    const auto id = member(entry, "id", Type::text), name = member(entry, "name", Type::text);
    const auto status = member(entry, "status", Type::text);
    if (!id || !is_id(id->text(), "pfl_") || !name || !status) return nonsense("a profile without id, name or status");
    TRY(check_self(entry, id->text()));
    profiles.push_back({std::string(id->text()), as_text(name->text()), status->text() == "blocked"});
  }
  if (profiles.empty()) return nonsense("an account without a profile");
  return profiles;
}

Failure read_token_failure(int status, std::string_view body) {
  const auto document = json::Document::parse(body);
  const auto error = document ? member(document->root(), "error", Type::text) : std::nullopt;
  const std::string name = error ? as_text(error->text().substr(0, 60)) : std::string();
  std::string detail = "HTTP " + std::to_string(status) + ": " + name;
  if (status == 400 && name == "invalid_grant")
    return fail(ErrorCode::invalid_input, "grant_refused", "The payment provider has ended this authorization.",
                std::move(detail));
  if (status == 408 || status == 429 || status >= 500)
    return fail(ErrorCode::unavailable, "provider_unavailable",
                "The payment provider is not available. Try again later.", std::move(detail));
  return fail(ErrorCode::internal, "application_refused", "The payment provider does not know our application.",
              std::move(detail));
}

}  // namespace paylink::providers::mollie
