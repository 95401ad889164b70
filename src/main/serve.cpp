#include <algorithm>
#include <iostream>

#include "api/errors_json.hpp"
#include "http/web_address.hpp"
#include "main/commands.hpp"
#include "main/keys.hpp"
#include "main/node.hpp"

namespace paylink::main {
namespace {

Failure missing(const std::string& name, const std::string& example) {
  const auto setting = std::ranges::find(all_settings(), name, &Setting::name);
  ENSURE(setting != all_settings().end());
  return fail(ErrorCode::invalid_input, "bad_setting",
              "The setting " + name + " is missing. Say it with " + setting->flag() + " " + example +
                  ", in the environment as " + setting->variable() + ", or in the configuration file as " + name +
                  " = \"" + example + "\".");
}

// Tokens, keys and passwords go over it. Plain HTTP is for who tries it out on this machine.
Result<> check_public_url(const std::string& url) {
  const auto address = http::parse_web_address(url);
  if (address && (address->scheme == http::Scheme::https || address->is_loopback())) return {};
  return fail(ErrorCode::invalid_input, "bad_setting",
              "The setting public_url must begin with https://, unless it is this machine: " + url +
                  " would send passwords and tokens in the clear. Put a proxy with TLS in front, and say its address.");
}

// By which merchants authorize us. Absent when none is set up.
Result<std::optional<Node::Application>> application_of(const Settings& settings) {
  const bool has_id = !settings.mollie_client_id.empty(), has_secret = !settings.mollie_client_secret.reveal().empty();
  if (!has_id && !has_secret) return std::optional<Node::Application>();
  if (!has_id) return missing("mollie.client_id", "app_…");
  if (!has_secret)
    return fail(ErrorCode::invalid_input, "bad_setting",
                "The setting mollie.client_secret is missing, which belongs to mollie.client_id. Set it in the "
                "environment (PAYLINK_MOLLIE_CLIENT_SECRET) or in the configuration file.");
  std::string authorize_url = settings.mollie_authorize_url;
  if (authorize_url.empty() && !settings.mollie_url.empty()) authorize_url = settings.mollie_url + "/oauth2/authorize";
  if (authorize_url.empty()) authorize_url = providers::mollie::public_authorize_url;
  return std::optional<Node::Application>(
      {settings.mollie_client_id, settings.mollie_client_secret, std::move(authorize_url)});
}

}  // namespace

Result<int> serve(const Settings& settings) {
  if (settings.data_dir.empty()) return missing("data_dir", "/var/lib/paylink");
  if (settings.key_file.empty()) return missing("key_file", "/etc/paylink/key");
  if (settings.public_url.empty()) return missing("public_url", "https://pay.example.com");
  TRY(check_public_url(settings.public_url));
  auto application = TRY(application_of(settings));
  const auto keys = TRY(read_key_file(settings.key_file, settings.data_dir));
  auto data_dir = TRY(DataDir::open(settings.data_dir));
  SystemClock clock;
  SystemRandom random;
  auto node = TRY(
      Node::create({settings, *data_dir, clock, random, keys,
                    settings.mollie_url.empty() ? std::string(providers::mollie::public_base_url) : settings.mollie_url,
                    app::Onboarding::provider, std::move(application)}));
  runtime::DispatcherOptions options;
  options.encode_error = api::encode_error;
  options.api_keys = settings.compat.api_key_on_payment_links;
  TRY(node->start({}, std::move(options)));
  LOG(info, "serving", {"address", settings.address}, {"port", std::int64_t{node->port()}},
      {"public_url", node->public_url()});
  node->serve_until_signal();
  return 0;
}

}  // namespace paylink::main
