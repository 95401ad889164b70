#include "main/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <type_traits>
#include <utility>

#include "http/hosts.hpp"
#include "http/web_address.hpp"
#include "main/data_dir.hpp"
#include "main/toml_file.hpp"

namespace paylink::main {
namespace {

constexpr std::string_view variable_prefix = "PAYLINK_";
// Of `paylink links` and `payments`, which read no settings.
constexpr std::string_view client_variables[] = {"PAYLINK_BASE_URL", "PAYLINK_TOKEN", "PAYLINK_API_KEY",
                                                 "PAYLINK_STAGING_TOKEN"};

Failure bad_value(const std::string& what) { return fail(ErrorCode::invalid_input, "bad_setting", what); }

Result<std::int64_t> read_number(const std::string& text, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < min || number > max)
    return bad_value("must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) + ", not `" +
                     text + "`");
  return number;
}

Result<bool> read_flag(const std::string& text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return bad_value("must be true or false, not `" + text + "`");
}

Result<> set_listen(Settings& settings, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return bad_value("must be ADDRESS:PORT, such as 127.0.0.1:8080, not `" + text + "`");
  std::string address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  const auto port = TRY(read_number(text.substr(colon + 1), 0, 65535));
  if (address == "localhost") address = "127.0.0.1";
  if (!http::canonical_address(address))
    return bad_value("must name a numeric address, such as 127.0.0.1 or [::1], not `" + address + "`");
  settings.address = address;
  settings.port = static_cast<std::uint16_t>(port);
  return {};
}

Result<> set_public_url(Settings& settings, const std::string& text) {
  std::string url = text;
  while (url.ends_with('/')) url.pop_back();
  const bool scheme = url.starts_with("https://") || url.starts_with("http://");
  if (!scheme || !http::parse_web_address(url) || url.find_first_of("/?#@ ", url.find("//") + 2) != std::string::npos)
    return bad_value("must be the address customers see, such as https://pay.example.com, not `" + text + "`");
  settings.public_url = std::move(url);
  return {};
}

// Keys of merchants go over it.
Result<> set_mollie_url(Settings& settings, const std::string& text) {
  std::string url = text;
  while (url.ends_with('/')) url.pop_back();
  const auto address = http::parse_web_address(url);
  const bool is_safe = address && (address->scheme == http::Scheme::https || address->is_loopback());
  if (!is_safe || address->has_user || url.substr(url.find("//") + 2) != address->authority)
    return bad_value(
        "must be https://api.mollie.com, or a simulator's on this machine, such as http://127.0.0.1:41234");
  settings.mollie_url = std::move(url);
  return {};
}

// Browsers of merchants are sent there.
Result<> set_mollie_authorize_url(Settings& settings, const std::string& text) {
  const auto address = http::parse_web_address(text);
  const bool is_safe = address && (address->scheme == http::Scheme::https || address->is_loopback());
  if (!is_safe || address->has_user || text.find_first_of("?#") != std::string::npos)
    return bad_value("must be https://my.mollie.com/oauth2/authorize, or a simulator's on this machine");
  settings.mollie_authorize_url = text;
  return {};
}

bool is_word(std::string_view text, std::size_t at_most) {
  return !text.empty() && text.size() <= at_most &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

Result<> set_mollie_client_id(Settings& settings, const std::string& text) {
  if (!text.starts_with("app_") || !is_word(text, 64))
    return bad_value("must be the app_… that Mollie gave your application");
  settings.mollie_client_id = text;
  return {};
}

Result<> set_mollie_client_secret(Settings& settings, const std::string& text) {
  if (!is_word(text, 256)) return bad_value("must be the secret that Mollie gave your application: letters and digits");
  settings.mollie_client_secret = Secret(text);
  return {};
}

Result<> set_log_level(Settings& settings, const std::string& text) {
  constexpr std::pair<std::string_view, LogLevel> levels[] = {{"debug", LogLevel::debug},
                                                              {"info", LogLevel::info},
                                                              {"warn", LogLevel::warn},
                                                              {"error", LogLevel::error},
                                                              {"off", LogLevel::off}};
  for (const auto& [name, level] : levels) {
    if (name != text) continue;
    settings.log_level = level;
    return {};
  }
  return bad_value("must be debug, info, warn, error or off, not `" + text + "`");
}

Result<> set_proxies(Settings& settings, const std::string& text) {
  settings.trusted_proxies.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string proxy(rest.substr(0, end));
    if (!http::canonical_address(proxy))
      return bad_value("must be numeric addresses separated by commas, such as 10.0.0.1,10.0.0.2, not `" + proxy + "`");
    settings.trusted_proxies.push_back(proxy);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

template <class Field>
Setting size_setting(std::string name, std::string help, Field field, std::int64_t min, std::int64_t max) {
  return {std::move(name), std::move(help), [=](Settings& settings, const std::string& text) -> Result<> {
            using Number = std::remove_reference_t<decltype(field(settings))>;
            field(settings) = static_cast<Number>(TRY(read_number(text, min, max)));
            return {};
          }};
}

template <class Field>
Setting time_setting(std::string name, std::string help, Field field, std::int64_t min_ms = 100) {
  return {std::move(name), std::move(help), [=](Settings& settings, const std::string& text) -> Result<> {
            field(settings) = std::chrono::milliseconds(TRY(read_number(text, min_ms, 3'600'000)));
            return {};
          }};
}

template <class Field>
Setting text_setting(std::string name, std::string help, Field field) {
  return {std::move(name), std::move(help), [=](Settings& settings, const std::string& text) -> Result<> {
            if (text.empty()) return bad_value("must not be empty; leave it out where the default is meant");
            field(settings) = text;
            return {};
          }};
}

// A setting with a few named values, from a table as in domain/names.hpp.
template <class Names, class Field>
Setting choice_setting(std::string name, std::string help, const Names& choices, Field field) {
  return {std::move(name), std::move(help), [=](Settings& settings, const std::string& text) -> Result<> {
            const auto choice = choices.parse(text);
            if (choice) {
              field(settings) = *choice;
              return {};
            }
            std::string allowed;
            for (const auto& row : choices.rows) allowed += (allowed.empty() ? "" : ", ") + std::string(row.second);
            return bad_value("must be one of " + allowed + ", not `" + text + "`");
          }};
}

template <class Field>
Setting flag_setting(std::string name, std::string help, Field field) {
  return {std::move(name), std::move(help), [=](Settings& settings, const std::string& text) -> Result<> {
            field(settings) = TRY(read_flag(text));
            return {};
          }};
}

void add_general(std::vector<Setting>& all) {
  all.push_back({"listen", "where to listen, ADDRESS:PORT (127.0.0.1:8080)", set_listen});
  all.push_back(
      text_setting("data_dir", "the directory of the data file", [](Settings& s) -> auto& { return s.data_dir; }));
  all.push_back(text_setting("database",
                             "sqlite:PATH or postgresql://USER@HOST/DATABASE (paylink.db in the data directory)",
                             [](Settings& s) -> auto& { return s.database; }));
  all.push_back(size_setting(
      "postgres.connections", "connections of this server to PostgreSQL (8)",
      [](Settings& s) -> auto& { return s.postgres_connections; }, 2, 500));
  all.push_back(text_setting("key_file", "the master key, outside the data directory; made by `paylink init`",
                             [](Settings& s) -> auto& { return s.key_file; }));
  all.push_back({"public_url", "the address customers see, such as https://pay.example.com", set_public_url});
  all.push_back({"trusted_proxies", "addresses whose X-Forwarded-For is believed, separated by commas", set_proxies});
  all.push_back({"log_level", "debug, info, warn, error or off (info)", set_log_level});
  all.push_back(time_setting(
      "shutdown.grace_ms",
      "after SIGTERM: time to serve on, not ready, until balancers have noticed, ms (10000 on PostgreSQL, else 0)",
      [](Settings& s) -> auto& { return s.shutdown_grace; }, 0));
  all.push_back(flag_setting("sandbox.require_staging_token",
                             "sandbox: refuse requests without X-Qonto-Staging-Token (false)",
                             [](Settings& s) -> auto& { return s.require_staging_token; }));
}

void add_limits(std::vector<Setting>& all) {
  all.push_back(size_setting(
      "limits.head_bytes", "request line and headers, bytes (16384)",
      [](Settings& s) -> auto& { return s.limits.head_bytes; }, 1024, 1 << 20));
  all.push_back(size_setting(
      "limits.fields", "headers of a request (100)", [](Settings& s) -> auto& { return s.limits.fields; }, 10, 1000));
  all.push_back(size_setting(
      "limits.body_bytes", "body of a request, bytes (262144)",
      [](Settings& s) -> auto& { return s.limits.body_bytes; }, 1024, 1 << 20));
  all.push_back(time_setting("limits.head_ms", "time for a request's head, ms (10000)",
                             [](Settings& s) -> auto& { return s.limits.head_time; }));
  all.push_back(size_setting(
      "limits.body_bytes_per_second", "slowest body accepted, bytes a second (1024)",
      [](Settings& s) -> auto& { return s.limits.body_bytes_per_second; }, 1, 1 << 20));
  all.push_back(time_setting("limits.idle_ms", "time between requests of a connection, ms (75000)",
                             [](Settings& s) -> auto& { return s.limits.idle_time; }));
  all.push_back(size_setting(
      "limits.held_bytes", "memory for what clients have not sent or read to the end, bytes (134217728)",
      [](Settings& s) -> auto& { return s.limits.held_bytes; }, 1 << 20, 1'000'000'000'000));
  all.push_back(size_setting(
      "limits.connections", "connections at once (20000)", [](Settings& s) -> auto& { return s.limits.connections; }, 1,
      1'000'000));
  all.push_back(size_setting(
      "limits.write_queue", "writes waiting to be stored; beyond it 503 (10000)",
      [](Settings& s) -> auto& { return s.write_queue; }, 1, 1'000'000));
  all.push_back(size_setting(
      "limits.connections_per_client", "connections of one client address at once (2000)",
      [](Settings& s) -> auto& { return s.limits.connections_per_client; }, 1, 1'000'000));
  all.push_back(size_setting(
      "limits.writes_per_client", "writes of one client address waiting at once; beyond it 429 (1000)",
      [](Settings& s) -> auto& { return s.writes_per_client; }, 1, 1'000'000));
}

void add_rate_limits(std::vector<Setting>& all) {
  all.push_back(flag_setting("rate_limits.enabled", "limit the requests of each client address (true)",
                             [](Settings& s) -> auto& { return s.rate_limits; }));
  all.push_back(size_setting(
      "rate_limits.requests_per_10s", "requests of one client address in 10 s; beyond it 429 (1000)",
      [](Settings& s) -> auto& { return s.client_limits.requests_per_10s; }, 1, 10'000'000));
  all.push_back(size_setting(
      "rate_limits.requests_per_10min", "requests of one client address in 10 min; beyond it 429 (10000)",
      [](Settings& s) -> auto& { return s.client_limits.requests_per_10min; }, 1, 10'000'000));
  all.push_back(size_setting(
      "rate_limits.unauthorized_per_hour", "answers of 401 to one client address in 1 h; beyond it 429 (200)",
      [](Settings& s) -> auto& { return s.client_limits.unauthorized_per_hour; }, 1, 10'000'000));
}

void add_oauth(std::vector<Setting>& all) {
  all.push_back({"oauth.code_seconds",
                 "how long an authorization code is good, 1 to 600; the original's are for 600 (60)",
                 [](Settings& settings, const std::string& text) -> Result<> {
                   settings.oauth_code_life = std::chrono::seconds(TRY(read_number(text, 1, 600)));
                   return {};
                 }});
}

void add_providers(std::vector<Setting>& all) {
  all.push_back({"mollie.url", "where Mollie's API is; a simulator's address, to try it out (https://api.mollie.com)",
                 set_mollie_url});
  all.push_back({"mollie.client_id",
                 "your application at Mollie, app_…: merchants connect by authorizing it; its secret is "
                 "PAYLINK_MOLLIE_CLIENT_SECRET (API keys only)",
                 set_mollie_client_id});
  all.push_back({"mollie.client_secret", "its secret; in the environment or the configuration file, not a flag",
                 set_mollie_client_secret, true});
  all.push_back({"mollie.authorize_url",
                 "where merchants authorize it (https://my.mollie.com/oauth2/authorize; with mollie.url, there)",
                 set_mollie_authorize_url});
}

void add_compat(std::vector<Setting>& all) {
  all.push_back(choice_setting("compat.vat_rate", "what \"0.21\" means: percent or fraction (percent)",
                               app::vat_rate_unit_names, [](Settings& s) -> auto& { return s.compat.vat_rate; }));
  all.push_back(choice_setting("compat.vat_rounding", "VAT per line or per rate (line)", app::vat_rounding_names,
                               [](Settings& s) -> auto& { return s.compat.vat_rounding; }));
  all.push_back(choice_setting("compat.single_link", "GET answers the link bare, wrapped or both (both)",
                               app::single_link_names, [](Settings& s) -> auto& { return s.compat.single_link; }));
  all.push_back({"compat.api_key_on_payment_links", "API keys are accepted on payment links (true)",
                 [](Settings& settings, const std::string& text) -> Result<> {
                   const bool accepted = TRY(read_flag(text));
                   settings.compat.api_key_on_payment_links =
                       accepted ? app::ApiKeyOnPaymentLinks::accepted : app::ApiKeyOnPaymentLinks::refused;
                   return {};
                 }});
  all.push_back(choice_setting("compat.idempotency", "strict or lax, the original's rule (strict)",
                               app::idempotency_names, [](Settings& s) -> auto& { return s.compat.idempotency; }));
}

std::string spelled(const std::string& name, char separator, int (*letter)(int)) {
  std::string result;
  for (const char c : name)
    result += c == '.' || c == '_' ? separator : static_cast<char>(letter(static_cast<unsigned char>(c)));
  return result;
}

std::optional<std::string> as_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::string list;
  for (const auto& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return std::nullopt;
    list += (list.empty() ? "" : ",") + text->get();
  }
  return list;
}

// Tables become names with dots.
Result<> flatten(const toml::table& table, const std::string& prefix, SettingValues& values) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      TRY(flatten(*inner, name + ".", values));
      continue;
    }
    auto text = as_text(node);
    if (!text) return bad_value("has a `" + name + "` that is no text, whole number, true or false, or list of texts");
    if (text->find('\0') != std::string::npos) return bad_value("has a `" + name + "` with a NUL in it");
    values[name] = *std::move(text);
  }
  return {};
}

Result<SettingValues> read_settings_file(const std::string& path, std::string_view server) {
  const auto text = read_file(path);
  if (!text) return bad_value("The configuration file " + path + " cannot be read: " + text.error().message);
  const auto table = parse_toml(*text);
  if (!table) return bad_value("The configuration file " + path + " cannot be read: " + table.error().message + ".");
  SettingValues values;
  if (const auto done = flatten(*table, "", values); !done)
    return bad_value("The configuration file " + path + " " + done.error().message + ".");
  for (const auto& [name, value] : values)
    if (std::ranges::find(all_settings(), name, &Setting::name) == all_settings().end())
      return bad_value("The configuration file " + path + " has a setting `" + name +
                       "` that does not exist. `paylink " + std::string(server) + " --help` lists them.");
  return values;
}

// How many letters have to be put in, taken out or replaced to make one of the other (Levenshtein's distance).
std::size_t edits_between(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// A database that nobody meant is worse than a command that does not run.
Result<> refuse_misspelt_variables() {
  constexpr std::size_t slips = 2;
  for (const std::string& name : unknown_variables())
    for (const Setting& setting : all_settings())
      if (edits_between(name, setting.variable()) <= slips)
        return bad_value("The variable " + name + " of the environment is no setting. Is " + setting.variable() +
                         " meant?");
  return {};
}

}  // namespace

bool Setting::is_of_storage() const {
  return name == "data_dir" || name == "database" || name == "key_file" || name == "log_level";
}

std::string Setting::flag() const { return "--" + spelled(name, '-', std::tolower); }
std::string Setting::variable() const { return std::string(variable_prefix) + spelled(name, '_', std::toupper); }

const std::vector<Setting>& all_settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> settings;
    add_general(settings);
    add_limits(settings);
    add_rate_limits(settings);
    add_oauth(settings);
    add_providers(settings);
    add_compat(settings);
    return settings;
  }();
  return all;
}

std::vector<std::string> unknown_variables() {
  std::vector<std::string> unknown;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(variable_prefix) || std::ranges::find(client_variables, name) != std::end(client_variables))
      continue;
    if (std::ranges::find(all_settings(), name, &Setting::variable) == all_settings().end()) unknown.emplace_back(name);
  }
  return unknown;
}

Result<Settings> read_settings(const SettingValues& flags, const std::optional<std::string>& config_file,
                               std::string_view server) {
  TRY(refuse_misspelt_variables());
  SettingValues file;
  if (config_file) file = TRY(read_settings_file(*config_file, server));
  Settings settings;
  for (const Setting& setting : all_settings()) {
    std::optional<std::string> value;
    std::string source = setting.name;
    if (const auto in_file = file.find(setting.name); in_file != file.end()) value = in_file->second;
    if (const char* in_environment = std::getenv(setting.variable().c_str())) {
      value = in_environment;
      source = setting.variable();
    }
    if (const auto in_flags = flags.find(setting.name); in_flags != flags.end()) {
      value = in_flags->second;
      source = setting.flag();
    }
    if (!value) continue;
    if (auto done = setting.set(settings, *value); !done)
      return bad_value("The setting " + source + " " + done.error().message + ".");
  }
  return settings;
}

}  // namespace paylink::main
