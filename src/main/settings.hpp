#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/compat.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/server.hpp"
#include "runtime/client_limiter.hpp"

namespace paylink::main {

// How the program is set up. Each setting comes from a flag, else an environment variable, else the file, else its
// default.
struct Settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string data_dir;
  std::string database;  // `sqlite:PATH` or `postgresql://…`; empty: the file paylink.db of the data directory
  int postgres_connections = 8;
  std::string key_file;
  std::string public_url;  // without a slash at its end
  std::vector<std::string> trusted_proxies;
  LogLevel log_level = LogLevel::info;
  std::optional<std::chrono::milliseconds> shutdown_grace;  // absent: what suits the database
  http::Limits limits;
  std::size_t write_queue = 10'000;
  std::uint32_t writes_per_client = 1'000;
  bool rate_limits = true;
  runtime::ClientLimits client_limits;
  http::Loopback loopback = http::Loopback::limited;  // no setting: the sandbox decides
  app::CompatSettings compat;
  std::chrono::seconds oauth_code_life{60};
  std::string mollie_url;        // without a slash at its end; empty: the real one
  std::string mollie_client_id;  // empty: merchants show API keys only
  Secret mollie_client_secret;
  std::string mollie_authorize_url;  // empty: the one that belongs to mollie_url
  bool require_staging_token = false;
};

// One setting: `limits.body_bytes` in the file, `--limits-body-bytes` as a flag, PAYLINK_LIMITS_BODY_BYTES in the
// environment.
struct Setting {
  std::string name;
  std::string help;
  std::function<Result<>(Settings&, const std::string&)> set;
  bool is_secret = false;  // then there is no flag: whoever is on the machine reads those

  // Where the data is, who may read it, and what is told of it: of every command that opens it. The others are a
  // server's.
  bool is_of_storage() const;
  std::string flag() const;
  std::string variable() const;
};

const std::vector<Setting>& all_settings();

// Variables of the environment that begin like those of settings and belong to none, nor to `paylink links`: somebody
// else's, as Kubernetes sets them where a service is called `paylink`, or misspelt beyond recognition.
std::vector<std::string> unknown_variables();

// Values by setting name, as text.
using SettingValues = std::map<std::string, std::string>;

// Puts together what flags, environment and file say. Fails with `bad_setting`, naming the setting, what was wrong and
// an example; whoever wants to know all there are is sent to `paylink <server> --help`. A variable whose name is nearly
// a setting's is wrong as well.
Result<Settings> read_settings(const SettingValues& flags, const std::optional<std::string>& config_file,
                               std::string_view server = "serve");

}  // namespace paylink::main
