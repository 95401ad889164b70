#include <iostream>

#include "json/writer.hpp"
#include "main/operator_commands.hpp"
#include "main/operator_line.hpp"

namespace paylink::main {
namespace {

struct KeysOptions {
  std::string organization;  // its slug; empty: the only one
  std::string name;
  std::vector<std::string> scopes;
  std::optional<std::string> expires_in;
  std::optional<std::string> expires_at;
  std::string key;  // to revoke: id, or the last four characters
  std::string output = "table";
};

void add_organization(json::Writer& json, const KeysOptions& options) {
  if (!options.organization.empty()) json.text("organization", options.organization);
}

Result<int> create_key(const KeysOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "keys create").text("name", options.name);
  add_organization(json, options);
  json.key("scopes").begin_array();
  for (const auto& scope : options.scopes) json.text(scope);
  json.end_array();
  if (options.expires_in) json.text("expires_in", *options.expires_in);
  if (options.expires_at) json.text("expires_at", *options.expires_at);
  json.end_object();
  const Done done = TRY(carry_out(settings, line));
  std::cout << done.text() << "\n" << std::flush;
  std::cerr << "Keep this: the secret key is shown only now.\n";
  return 0;
}

std::vector<std::string> row_of(json::Value key) {
  return {text_of(key, "id"),      text_of(key, "ends_in"),    text_of(key, "name"),
          text_of(key, "status"),  text_of(key, "expires_at"), text_of(key, "last_used_at"),
          words_of(key, "scopes"), text_of(key, "created_at"), text_of(key, "created_by")};
}

Result<int> list_keys(const KeysOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "keys list");
  add_organization(json, options);
  json.end_object();
  const Done done = TRY(carry_out(settings, line));
  print_list(done, options.output,
             {{"ID", "ENDS IN", "NAME", "STATUS", "EXPIRES", "LAST USED", "SCOPES", "MADE", "BY"},
              row_of,
              "There is no API key. `paylink keys create` makes one."});
  return 0;
}

Result<int> revoke_key(const KeysOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "keys revoke").text("key", options.key);
  add_organization(json, options);
  json.end_object();
  const Done done = TRY(carry_out(settings, line));
  std::cout << "Revoked " << text_of(done.value(), "id") << " (" << text_of(done.value(), "name")
            << "). A running server refuses it within a second.\n";
  return 0;
}

}  // namespace

void add_keys_commands(OperatorCommands& commands) {
  OperatorGroup<KeysOptions> keys(commands, "keys", "API keys: make, list and revoke them, while a server runs or not");
  KeysOptions& options = keys.options();
  CLI::App& create = keys.add("create", "Make a key; its secret is shown once, as JSON", create_key);
  create.add_option("--name", options.name, "what it is for, 1 to 64 characters")->required();
  add_repeated_flag(create, "--scope", options.scopes, "what it may do; may be repeated (payment_link.read, .write, …)")
      ->required();
  create.add_option("--expires-in", options.expires_in, "a duration such as 90d or 12h (never)");
  create.add_option("--expires-at", options.expires_at, "a time such as 2030-01-31T12:00:00Z (never)");
  create.footer(
      "Examples:\n  paylink keys create --data-dir /var/lib/paylink --name shop --scope payment_link.create\n"
      "  paylink keys create --data-dir /var/lib/paylink --name office --scope payment_link.read "
      "--scope payment_link.write --expires-in 90d");
  CLI::App& list = keys.add("list", "Show the keys, never their secrets", list_keys);
  add_output_flag(list, options.output);
  list.footer("Example:\n  paylink keys list --data-dir /var/lib/paylink -o json");
  CLI::App& revoke = keys.add("revoke", "End a key: a running server refuses it within a second", revoke_key);
  revoke.add_option("KEY", options.key, "its id, or the last four characters of its secret")->required();
  revoke.footer("Example:\n  paylink keys revoke --data-dir /var/lib/paylink k3xa");
  for (CLI::App* command : {&create, &list, &revoke}) add_organization_flag(*command, options.organization);
}

}  // namespace paylink::main
