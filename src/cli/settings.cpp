#include "cli/settings.hpp"

#include <algorithm>

#include "cli/report.hpp"
#include "json/document.hpp"

namespace paylink::cli {
namespace {

constexpr std::string_view default_base_url = "http://127.0.0.1:8080";
constexpr std::size_t key_characters_max = 255;

// What may stand in a field of a request without ending it.
bool is_visible(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

using Member = std::optional<std::string> Source::*;

struct Found {
  std::string value;
  std::string where;
};

std::optional<Found> first(const std::vector<Source>& sources, Member member) {
  for (const Source& source : sources)
    if (source.*member) return Found{*(source.*member), source.name};
  return std::nullopt;
}

Result<std::string> base_url_of(const std::vector<Source>& sources) {
  const auto found = first(sources, &Source::base_url).value_or(Found{std::string(default_base_url), "the default"});
  std::string url = found.value;
  while (url.ends_with('/')) url.pop_back();
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  if (!has_scheme || url.ends_with(':') || !is_visible(url) || url.find_first_of("?#@\\") != std::string::npos)
    return usage_error("The base URL in " + found.where +
                       " must be http:// or https:// with a host, and neither user, query nor fragment, unlike `" +
                       found.value + "`.");
  if (url.ends_with("/v2"))
    return usage_error("The base URL in " + found.where +
                       " is the server's, without /v2: " + url.substr(0, url.size() - 3));
  return url;
}

// The message never shows the secret.
Result<std::string> authorization_of(const std::vector<Source>& sources) {
  for (const Source& source : sources) {
    if (source.token) {
      if (!is_visible(*source.token)) return usage_error("The token in " + source.name + " is not one word of ASCII.");
      return "Bearer " + *source.token;
    }
    if (source.api_key) {
      if (!is_visible(*source.api_key) || source.api_key->find(':') == std::string::npos)
        return usage_error("The API key in " + source.name + " is not of the form login:secret_key.");
      return *source.api_key;
    }
  }
  return std::string();
}

Result<std::optional<Output>> output_of(const std::vector<Source>& sources) {
  const auto found = first(sources, &Source::output);
  if (!found) return std::optional<Output>();
  if (found->value == "table") return std::optional(Output::table);
  if (found->value == "json") return std::optional(Output::json);
  if (found->value == "yaml") return std::optional(Output::yaml);
  return usage_error("The output in " + found->where + " is table, json or yaml, not `" + found->value + "`.");
}

std::optional<std::string> text_of(json::Value object, std::string_view key) {
  const auto text = json::member(object, key, json::Type::text);
  return text ? std::optional<std::string>(text->text()) : std::nullopt;
}

}  // namespace

Result<Settings> resolve(const std::vector<Source>& sources) {
  Settings settings;
  settings.access.base_url = TRY(base_url_of(sources));
  settings.access.authorization = TRY(authorization_of(sources));
  if (const auto found = first(sources, &Source::staging_token)) {
    if (!is_visible(found->value))
      return usage_error("The staging token in " + found->where + " is not one word of ASCII.");
    settings.access.staging_token = found->value;
  }
  settings.output = TRY(output_of(sources));
  return settings;
}

Result<Source> read_ready_file(const std::string& name, const std::string& text) {
  const auto document = json::Document::parse(text);
  Source source{.name = name};
  if (document) {
    source.base_url = text_of(document->root(), "base_url");
    source.token = text_of(document->root(), "access_token");
    source.staging_token = text_of(document->root(), "staging_token");
  }
  if (!source.base_url || !source.token)
    return usage_error("The file " + name + " is no ready file of a sandbox: it has no base_url and access_token.");
  return source;
}

// At its ends a space would be none of the key's: a field's value has none there.
Result<> check_idempotency_key(const std::string& key) {
  const bool printable = std::ranges::all_of(key, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (printable && !key.empty() && key.size() <= key_characters_max && key.front() != ' ' && key.back() != ' ')
    return {};
  return usage_error("--idempotency-key takes 1 to 255 printable ASCII characters, with spaces only between them.");
}

}  // namespace paylink::cli
