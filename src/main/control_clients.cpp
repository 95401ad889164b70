#include "app/oauth_clients.hpp"
#include "main/control_commands.hpp"
#include "sandbox/duration.hpp"

namespace paylink::main {
namespace {

std::string read_client(const json::Reader& arguments) {
  return text_or_nothing(arguments.required("client").text({1, 64}));
}

// All but the id.
void write_client(json::Writer& json, const store::OauthClient& client) {
  json.text("name", client.name);
  json.text("type", store::client_type_names.name(client.type));
  json.key("redirect_uris").begin_array();
  for (const std::string& uri : client.redirect_uris) json.text(uri);
  json.end_array();
  write_scopes(json, client.scopes.text());
}

Result<std::string> create_client(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  app::CreateClient command;
  command.created_by = context.who;
  command.name = text_or_nothing(arguments.required("name").text({1, 64}));
  command.type = arguments.required("type").one_of(store::client_type_names).value_or(command.type);
  command.redirect_uris = read_texts(arguments, "redirect_uris", {0, 50}, {});
  command.scopes = read_texts(arguments, "scopes", {0, 50}, {1, 64});
  TRY(faults.result());
  const auto* const keys = TRY(need_keys(context));
  const auto created = TRY(app::create_client(command, *keys, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("client_id", created.client.id.text());
  if (created.secret) json.text("client_secret", created.secret->reveal());
  write_client(json, created.client);
  json.end_object();
  return text;
}

Result<std::string> update_client(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  app::UpdateClient command;
  command.by = context.who;
  command.id = read_client(arguments);
  if (const auto name = arguments.optional("name").text({1, 64})) command.name = *name;
  if (arguments.has("redirect_uris")) command.redirect_uris = read_texts(arguments, "redirect_uris", {0, 50}, {});
  TRY(faults.result());
  if (!command.name && !command.redirect_uris)
    return bad_argument("Say what is to change: --name, or --redirect-uri for each of those it shall have.");
  const auto client = TRY(app::update_client(command, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("client_id", client.id.text());
  write_client(json, client);
  json.end_object();
  return text;
}

void write_listed(json::Writer& json, const app::ListedClient& listed) {
  json.begin_object().text("client_id", listed.client.id.text());
  write_client(json, listed.client);
  json.key("secrets").begin_array();
  for (const auto& secret : listed.secrets) {
    json.begin_object().text("ends_in", secret.end);
    write_time(json, "expires_at", secret.expires_at);
    json.end_object();
  }
  json.end_array();
  json.text("created_by", listed.client.created_by).text("created_at", to_rfc3339(listed.client.created_at));
  json.end_object();
}

Result<std::string> list_clients(const json::Reader&, json::Faults&, const ControlContext& context) {
  const auto clients = TRY(app::list_clients(context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const auto& client : clients) write_listed(json, client);
  json.end_array();
  return text;
}

Result<std::string> rotate_secret(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const std::string client = read_client(arguments);
  const std::string overlap_text = text_or_nothing(arguments.required("overlap").text({1, 40}));
  TRY(faults.result());
  const auto overlap = overlap_text == "0" ? std::chrono::seconds(0) : sandbox::parse_duration(overlap_text);
  if (!overlap) return bad_argument("--overlap must be a duration such as 24h or 7d, at most 36600 days, or 0.");
  const auto* const keys = TRY(need_keys(context));
  const auto rotated = TRY(app::rotate_client(client, *overlap, context.who, *keys, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("client_id", rotated.client.id.text()).text("client_secret", rotated.secret.reveal());
  write_time(json, "old_secret_expires_at", rotated.old_until);
  json.end_object();
  return text;
}

Result<std::string> erase_client(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const std::string client = read_client(arguments);
  TRY(faults.result());
  const auto erased = TRY(app::delete_client(client, context.who, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("client_id", erased.id.text()).text("name", erased.name).end_object();
  return text;
}

constexpr ControlCommand commands_of_clients[] = {{"clients create", create_client},
                                                  {"clients update", update_client},
                                                  {"clients list", list_clients},
                                                  {"clients rotate", rotate_secret},
                                                  {"clients delete", erase_client}};

}  // namespace

std::span<const ControlCommand> client_commands() { return commands_of_clients; }

}  // namespace paylink::main
