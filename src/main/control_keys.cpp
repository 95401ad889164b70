#include "app/api_keys.hpp"
#include "main/control_commands.hpp"
#include "sandbox/duration.hpp"

namespace paylink::main {
namespace {

Result<app::CreateApiKey> read_create(const json::Reader& arguments, json::Faults& faults,
                                      const ControlContext& context) {
  app::CreateApiKey command;
  command.created_by = context.who;
  command.organization = read_organization(arguments);
  command.name = text_or_nothing(arguments.required("name").text({1, 64}));
  command.scopes = read_texts(arguments, "scopes", {0, 50}, {1, 64});
  const auto expires_in = arguments.optional("expires_in").text({0, 40});
  const auto expires_at = arguments.optional("expires_at").text({0, 40});
  TRY(faults.result());
  if (expires_in && expires_at) return bad_argument("Say either --expires-in or --expires-at.");
  if (expires_in) {
    command.expires_in = sandbox::parse_duration(*expires_in);
    if (!command.expires_in)
      return bad_argument("--expires-in must be a duration such as 90d or 12h, at most 36600 days.");
  }
  if (expires_at) {
    command.expires_at = parse_rfc3339(*expires_at);
    if (!command.expires_at) return bad_argument("--expires-at must be a time such as 2030-01-31T12:00:00Z.");
  }
  return command;
}

Result<std::string> create_key(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const auto command = TRY(read_create(arguments, faults, context));
  const auto* const keys = TRY(need_keys(context));
  const auto created = TRY(app::create_api_key(command, *keys, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("id", created.id.text()).text("name", command.name).text("login", created.login);
  json.text("secret_key", created.secret.reveal());
  write_scopes(json, created.scopes);
  write_time(json, "expires_at", created.expires_at);
  json.end_object();
  return text;
}

void write_key(json::Writer& json, const store::ApiKey& key, Time now) {
  const bool expired = key.expires_at && *key.expires_at <= now;
  json.begin_object().text("id", key.id.text()).text("name", key.name).text("ends_in", key.secret_end);
  json.text("status", expired ? "expired" : "live");
  write_scopes(json, key.scopes);
  json.text("created_by", key.created_by).text("created_at", to_rfc3339(key.created_at));
  write_time(json, "expires_at", key.expires_at);
  write_time(json, "last_used_at", key.last_used_at);
  json.end_object();
}

Result<std::string> list_keys(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const auto organization = read_organization(arguments);
  TRY(faults.result());
  const auto keys = TRY(app::list_api_keys(organization, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const auto& key : keys) write_key(json, key, context.tx.now());
  json.end_array();
  return text;
}

Result<std::string> revoke_key(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const auto organization = read_organization(arguments);
  const auto key = text_or_nothing(arguments.required("key").text({1, 64}));
  TRY(faults.result());
  const auto revoked = TRY(app::revoke_api_key(organization, key, context.who, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("id", revoked.id.text()).text("name", revoked.name).end_object();
  return text;
}

constexpr ControlCommand commands_of_keys[] = {
    {"keys create", create_key}, {"keys list", list_keys}, {"keys revoke", revoke_key}};

}  // namespace

std::span<const ControlCommand> key_commands() { return commands_of_keys; }

}  // namespace paylink::main
