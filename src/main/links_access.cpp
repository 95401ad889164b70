#include "main/links_access.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/report.hpp"
#include "main/toml_file.hpp"

namespace paylink::main {
namespace {

constexpr std::size_t body_file_bytes_max = 1 << 20;

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

cli::Source from_environment() {
  return {.name = "the environment",
          .base_url = variable("PAYLINK_BASE_URL"),
          .token = variable("PAYLINK_TOKEN"),
          .api_key = variable("PAYLINK_API_KEY"),
          .staging_token = variable("PAYLINK_STAGING_TOKEN")};
}

std::string default_config() {
  if (const auto home = variable("XDG_CONFIG_HOME")) return *home + "/paylink/links.toml";
  if (const auto home = variable("HOME")) return *home + "/.config/paylink/links.toml";
  return {};
}

Result<cli::Source> parse_config(const std::string& path, const std::string& text) {
  cli::Source source{.name = path};
  const std::pair<std::string_view, std::optional<std::string> cli::Source::*> members[] = {
      {"base_url", &cli::Source::base_url},
      {"token", &cli::Source::token},
      {"api_key", &cli::Source::api_key},
      {"staging_token", &cli::Source::staging_token},
      {"output", &cli::Source::output}};
  const auto table = parse_toml(text);
  if (!table) return cli::usage_error("The file " + path + " is no TOML, " + table.error().message + ".");
  for (const auto& [key, node] : *table) {
    const auto* const known = std::ranges::find(members, key.str(), [](const auto& member) { return member.first; });
    if (known == std::end(members) || !node.is_string())
      return cli::usage_error("The file " + path +
                              " may set base_url, token, api_key, staging_token and output, each to a text; `" +
                              std::string(key.str()) + "` is something else.");
    source.*known->second = node.as_string()->get();
  }
  return source;
}

Result<cli::Source> from_config(const std::optional<std::string>& named) {
  const std::string path = named ? *named : default_config();
  std::error_code ignored;
  if (path.empty() || (!named && !std::filesystem::exists(path, ignored))) return cli::Source{};
  const std::string text = TRY(read_text(path));
  return parse_config(path, text);
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& input = path == "-" ? std::cin : file;
  std::string text(body_file_bytes_max + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (input.bad() || (path != "-" && !file.is_open())) return cli::usage_error("Cannot read the file " + path + ".");
  text.resize(static_cast<std::size_t>(input.gcount()));
  if (text.size() > body_file_bytes_max) return cli::usage_error("The file " + path + " is larger than 1 MiB.");
  return text;
}

void AccessFlags::add_to(CLI::App& command) {
  command.add_option("--base-url", base_url_, "the server (http://127.0.0.1:8080) [PAYLINK_BASE_URL]");
  auto* const token =
      command.add_option("--token", token_, "a bearer token; others see it in the list of processes [PAYLINK_TOKEN]");
  auto* const token_file = command.add_option("--token-file", token_file_, "a file with the token; - for stdin");
  auto* const key = command.add_option("--api-key", api_key_,
                                       "login:secret_key instead of a token, as visible as --token [PAYLINK_API_KEY]");
  auto* const key_file = command.add_option("--api-key-file", api_key_file_, "a file with it; - for stdin");
  token->excludes(token_file)->excludes(key)->excludes(key_file);
  token_file->excludes(key)->excludes(key_file);
  key->excludes(key_file);
  command.add_option("--staging-token", staging_token_, "of a sandbox that insists [PAYLINK_STAGING_TOKEN]");
  command.add_option("--ready-file", ready_file_, "a sandbox's ready file: address and tokens come from it");
  command.add_option("--config", config_, "a TOML file with base_url, token, … (~/.config/paylink/links.toml)");
  command.add_option("-o,--output", output_, "table, json or yaml (table on a terminal, else json)");
  command.add_option("--timeout", timeout_seconds_, "seconds to wait for an answer, of each try (30)")
      ->check(CLI::Range(0.1, 600.0));
}

Result<cli::Source> AccessFlags::from_flags() const {
  cli::Source source{.name = "the flags",
                     .base_url = base_url_,
                     .token = token_,
                     .api_key = api_key_,
                     .staging_token = staging_token_,
                     .output = output_};
  if (token_file_) {
    const std::string text = TRY(read_text(*token_file_));
    source.token = trimmed(text);
  }
  if (api_key_file_) {
    const std::string text = TRY(read_text(*api_key_file_));
    source.api_key = trimmed(text);
  }
  return source;
}

Result<cli::Settings> AccessFlags::read() const {
  const cli::Source flags = TRY(from_flags());
  std::vector<cli::Source> sources = {flags};
  if (ready_file_) {
    const std::string text = TRY(read_text(*ready_file_));
    const cli::Source ready = TRY(cli::read_ready_file(*ready_file_, text));
    sources.push_back(ready);
  }
  sources.push_back(from_environment());
  const cli::Source config = TRY(from_config(config_));
  sources.push_back(config);
  auto settings = TRY(cli::resolve(sources));
  settings.access.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_seconds_ * 1000));
  return settings;
}

}  // namespace paylink::main
