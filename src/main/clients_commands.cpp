#include <iostream>

#include "json/writer.hpp"
#include "main/operator_commands.hpp"
#include "main/operator_line.hpp"

namespace paylink::main {
namespace {

struct ClientsOptions {
  std::string name;
  std::optional<std::string> new_name;  // of `update`
  std::vector<std::string> redirect_uris;
  std::vector<std::string> scopes;
  bool is_public = false;
  std::string client;  // its id
  std::string overlap = "24h";
  std::string output = "table";
};

void add_texts(json::Writer& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

Result<int> create_client(const ClientsOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "clients create").text("name", options.name);
  json.text("type", options.is_public ? "public" : "confidential");
  add_texts(json, "redirect_uris", options.redirect_uris);
  add_texts(json, "scopes", options.scopes);
  json.end_object();
  const Done done = TRY(carry_out(settings, line));
  std::cout << done.text() << "\n" << std::flush;
  if (!options.is_public) std::cerr << "Keep this: the client secret is shown only now.\n";
  return 0;
}

Result<int> update_client(const ClientsOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "clients update").text("client", options.client);
  if (options.new_name) json.text("name", *options.new_name);
  if (!options.redirect_uris.empty()) add_texts(json, "redirect_uris", options.redirect_uris);
  json.end_object();
  const Done done = TRY(carry_out(settings, line));
  std::cout << done.text() << "\n" << std::flush;
  return 0;
}

std::string secrets_of(json::Value client) {
  std::string text;
  const auto secrets = json::member(client, "secrets", json::Type::array);
  if (!secrets) return text;
  for (const json::Value secret : secrets->children()) {
    const std::string until = text_of(secret, "expires_at");
    text +=
        (text.empty() ? "" : ", ") + text_of(secret, "ends_in") + (until == "never" ? "" : " (until " + until + ")");
  }
  return text.empty() ? "none" : text;
}

std::vector<std::string> client_row(json::Value client) {
  return {text_of(client, "client_id"),  text_of(client, "name"),
          text_of(client, "type"),       secrets_of(client),
          words_of(client, "scopes"),    words_of(client, "redirect_uris"),
          text_of(client, "created_at"), text_of(client, "created_by")};
}

Result<int> list_clients(const ClientsOptions& options, const Settings& settings) {
  const Done done = TRY(carry_out(settings, R"({"command":"clients list"})"));
  print_list(done, options.output,
             {{"ID", "NAME", "TYPE", "SECRETS END IN", "SCOPES", "REDIRECT URIS", "MADE", "BY"},
              client_row,
              "There is no application. `paylink clients create` makes one."});
  return 0;
}

Result<int> rotate_client(const ClientsOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "clients rotate").text("client", options.client);
  json.text("overlap", options.overlap).end_object();
  const Done done = TRY(carry_out(settings, line));
  std::cout << done.text() << "\n" << std::flush;
  std::cerr << "Keep this: the client secret is shown only now.\n";
  return 0;
}

Result<int> delete_client(const ClientsOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "clients delete").text("client", options.client).end_object();
  const Done done = TRY(carry_out(settings, line));
  std::cout << "Deleted " << text_of(done.value(), "client_id") << " (" << text_of(done.value(), "name")
            << "). A running server refuses its tokens within a second.\n";
  return 0;
}

constexpr auto name_help = "what people read when they are asked to allow it, 1 to 64 characters";
constexpr auto uri_help =
    "where people return to; may be repeated, at most 20: https://…, http://127.0.0.1/…, http://[::1]/… "
    "(any port), http://localhost:PORT/…; of a public one com.example.app:/… too";

void describe_update(CLI::App& update, ClientsOptions& options) {
  update.add_option("--name", options.new_name, name_help);
  add_repeated_flag(update, "--redirect-uri", options.redirect_uris,
                    std::string("in the place of all it has: ") + uri_help);
  update.footer(
      "Example:\n  paylink clients update --data-dir /var/lib/paylink 0198c0de-0000-7000-8000-000000000000 \\\n"
      "    --redirect-uri https://shop.example/callback --redirect-uri https://shop.example/new");
}

void describe_create(CLI::App& create, ClientsOptions& options) {
  create.add_option("--name", options.name, name_help)->required();
  add_repeated_flag(create, "--redirect-uri", options.redirect_uris, uri_help)->required();
  add_repeated_flag(create, "--scope", options.scopes,
                    "what it may ask for; may be repeated (payment_link.read, offline_access, …)")
      ->required();
  create.add_flag("--public", options.is_public, "it runs where no secret can be kept, and has none: PKCE instead");
  create.footer(
      "Examples:\n  paylink clients create --data-dir /var/lib/paylink --name 'Shop plugin' \\\n"
      "    --redirect-uri https://shop.example/callback --scope payment_link.write --scope offline_access\n"
      "  paylink clients create --data-dir /var/lib/paylink --name 'Till' --public \\\n"
      "    --redirect-uri com.example.till:/callback --scope payment_link.create");
}

}  // namespace

void add_clients_commands(OperatorCommands& commands) {
  OperatorGroup<ClientsOptions> clients(
      commands, "clients",
      "OAuth applications: make, change, list and delete them, change their secrets, while a server runs or not");
  ClientsOptions& options = clients.options();
  describe_create(clients.add("create", "Make an application; its secret is shown once, as JSON", create_client),
                  options);
  CLI::App& update = clients.add("update", "Change an application's name or where people return to", update_client);
  describe_update(update, options);
  CLI::App& list = clients.add("list", "Show the applications, never their secrets", list_clients);
  add_output_flag(list, options.output);
  list.footer("Example:\n  paylink clients list --data-dir /var/lib/paylink -o json");
  CLI::App& rotate =
      clients.add("rotate", "Make a new secret, which is shown once; the old one ends a while later", rotate_client);
  rotate.add_option("--overlap", options.overlap, "how long the old one is still good: 24h, 7d, 0 for no longer (24h)");
  rotate.footer(
      "Example:\n  paylink clients rotate --data-dir /var/lib/paylink 0198c0de-0000-7000-8000-000000000000 --overlap "
      "7d");
  CLI::App& erase =
      clients.add("delete", "Delete an application: nothing that it was given is good any more", delete_client);
  erase.footer("Example:\n  paylink clients delete --data-dir /var/lib/paylink 0198c0de-0000-7000-8000-000000000000");
  for (CLI::App* command : {&update, &rotate, &erase})
    command->add_option("ID", options.client, "its client_id")->required();
}

}  // namespace paylink::main
