#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "control/client.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "main/commands.hpp"
#include "main/control.hpp"
#include "main/database.hpp"
#include "main/keys.hpp"
#include "sandbox/routes.hpp"
#include "sandbox/seed.hpp"

namespace paylink::main {
namespace {

// What of a data directory does not stand in its database.
struct Owner {
  bool is_sandbox;
  std::optional<crypto::KeyRing> keys;
};

// A sandbox's keys follow from its seed, whatever else is configured; without a file there are none.
Result<Owner> find_owner(const Settings& settings, const DataDir& data_dir) {
  const auto text = read_file(data_dir.file("seed"));
  if (!text && text.error().code != ErrorCode::not_found) return Failure{text.error()};
  if (text) {
    const auto seed = TRY(sandbox::Seed::parse(*text));
    return Owner{true, crypto::KeyRing::of_master(sandbox::master_key(seed))};
  }
  if (settings.key_file.empty()) return Owner{false, std::nullopt};
  return Owner{false, TRY(read_key_file(settings.key_file, settings.data_dir))};
}

// By the server when one runs, else alone on the directory.
Result<std::string> ask(const Settings& settings, const std::string& line) {
  if (settings.data_dir.empty())
    return fail(ErrorCode::invalid_input, "bad_setting", "Say where the data is: --data-dir /var/lib/paylink");
  if (!std::filesystem::is_directory(settings.data_dir))
    return fail(ErrorCode::invalid_input, "bad_setting",
                "There is no data directory " + settings.data_dir + " that can be read.");
  auto answer = TRY(control::ask(settings.data_dir + "/" + control_socket, line));
  if (answer) return *std::move(answer);
  auto data_dir = TRY(DataDir::open(settings.data_dir));
  if (settings.database.empty() && !std::filesystem::exists(data_dir->file("paylink.db")))
    return fail(ErrorCode::invalid_input, "bad_setting",
                "The data directory " + settings.data_dir +
                    " holds no database. Say --database postgresql://… when the installation is on PostgreSQL.");
  const auto [is_sandbox, keys] = TRY(find_owner(settings, *data_dir));
  SystemClock system_clock;
  MovableClock clock(system_clock);
  SystemRandom random;
  auto database = TRY(Database::open(settings, *data_dir, clock, random));
  if (is_sandbox)
    TRY(database->write(sql::Tenant::nobody(), [&](sql::Transaction& tx) { return sandbox::follow_clock(clock, tx); }));
  const Transactor write = [&](const ControlStep& step) { return database->write(sql::Tenant::everybody(), step); };
  return run_control_line(line, "uid " + std::to_string(::getuid()), keys ? &*keys : nullptr, write);
}

// The reasons for which a command refuses its words, whatever is stored.
constexpr std::string_view usage_reasons[] = {"bad_argument",  "malformed_json", "bad_expiry",
                                              "unknown_scope", "no_scope",       "no_key_file"};

// What the command has done, as JSON to read from, or its failure: `usage` when the words are wrong.
Result<json::Document> done_of(const std::string& answer) {
  auto document = json::Document::parse(answer, {.bytes = 4 << 20});
  if (!document) return fail(ErrorCode::internal, "bad_answer", "The server's answer makes no sense.");
  const auto error = document->root().find("error");
  if (!error) return document;
  const auto text = [&](std::string_view name) {
    const auto member = error->find(name);
    return member ? std::string(member->text()) : std::string();
  };
  const std::string reason = text("reason");
  const bool usage = std::ranges::find(usage_reasons, reason) != std::end(usage_reasons);
  return fail(ErrorCode::invalid_input, usage ? "usage" : reason, text("message"), text("detail"));
}

// The JSON of what was done, as it came.
std::string raw_done(const std::string& answer) {
  const std::size_t begin = std::string_view(R"({"done":)").size();
  return answer.substr(begin, answer.size() - begin - 1);
}

std::string text_of(json::Value row, std::string_view name) {
  const auto member = row.find(name);
  return member && member->type() == json::Type::text ? std::string(member->text()) : "never";
}

void print_table(json::Value keys) {
  if (keys.size() == 0) {
    std::cout << "There is no API key. `paylink keys create` makes one.\n";
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::Value key : keys.children()) {
    std::string scopes;
    for (const json::Value scope : key.find("scopes")->children())
      scopes += (scopes.empty() ? "" : " ") + std::string(scope.text());
    rows.push_back({text_of(key, "id"), text_of(key, "ends_in"), cli::harmless(text_of(key, "name")),
                    text_of(key, "status"), text_of(key, "expires_at"), text_of(key, "last_used_at"), scopes,
                    text_of(key, "created_at"), text_of(key, "created_by")});
  }
  std::cout << cli::table({"ID", "ENDS IN", "NAME", "STATUS", "EXPIRES", "LAST USED", "SCOPES", "MADE", "BY"}, rows,
                          cli::terminal_width());
}

void add_organization(json::Writer& json, const KeysOptions& options) {
  if (!options.organization.empty()) json.text("organization", options.organization);
}

}  // namespace

Result<int> create_key(const KeysOptions& options) {
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
  const std::string answer = TRY(ask(options.settings, line));
  TRY(done_of(answer));
  std::cout << raw_done(answer) << "\n" << std::flush;
  std::cerr << "Keep this: the secret key is shown only now.\n";
  return 0;
}

Result<int> list_keys(const KeysOptions& options) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "keys list");
  add_organization(json, options);
  json.end_object();
  const std::string answer = TRY(ask(options.settings, line));
  const auto document = TRY(done_of(answer));
  if (options.output == "json")
    std::cout << raw_done(answer) << "\n";
  else
    print_table(*document.root().find("done"));
  return 0;
}

Result<int> revoke_key(const KeysOptions& options) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "keys revoke").text("key", options.key);
  add_organization(json, options);
  json.end_object();
  const std::string answer = TRY(ask(options.settings, line));
  const auto document = TRY(done_of(answer));
  const json::Value done = *document.root().find("done");
  std::cout << "Revoked " << text_of(done, "id") << " (" << text_of(done, "name")
            << "). A running server refuses it within a second.\n";
  return 0;
}

}  // namespace paylink::main
