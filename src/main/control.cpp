#include "main/control.hpp"

#include <algorithm>

#include "app/api_keys.hpp"
#include "base/log.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "sandbox/duration.hpp"

namespace paylink::main {
namespace {

struct Context {
  const std::string& who;
  const crypto::KeyRing* keys;
  sql::Transaction& tx;
};

// One command: reads its arguments, answers JSON.
struct Command {
  std::string_view name;
  Result<std::string> (*run)(const json::Reader& arguments, json::Faults& faults, const Context& context);
};

Failure bad(std::string message) { return fail(ErrorCode::invalid_input, "bad_argument", std::move(message)); }

std::string text_or_nothing(const std::optional<std::string_view>& text) { return std::string(text.value_or("")); }

void write_time(json::Writer& json, std::string_view name, const std::optional<Time>& time) {
  if (time)
    json.text(name, to_rfc3339(*time));
  else
    json.null(name);
}

void write_scopes(json::Writer& json, std::string_view scopes) {
  json.key("scopes").begin_array();
  while (!scopes.empty()) {
    const std::size_t end = std::min(scopes.find(' '), scopes.size());
    json.text(scopes.substr(0, end));
    scopes.remove_prefix(std::min(end + 1, scopes.size()));
  }
  json.end_array();
}

Result<app::CreateApiKey> read_create(const json::Reader& arguments, json::Faults& faults, const Context& context) {
  app::CreateApiKey command;
  command.created_by = context.who;
  command.organization = text_or_nothing(arguments.optional("organization").text({0, 64}));
  command.name = text_or_nothing(arguments.required("name").text({1, 64}));
  arguments.required("scopes").as_array({0, 50}).each(
      [&](const json::Reader& scope) { command.scopes.push_back(text_or_nothing(scope.text({1, 64}))); });
  const auto expires_in = arguments.optional("expires_in").text({0, 40});
  const auto expires_at = arguments.optional("expires_at").text({0, 40});
  TRY(faults.result());
  if (expires_in && expires_at) return bad("Say either --expires-in or --expires-at.");
  if (expires_in) {
    command.expires_in = sandbox::parse_duration(*expires_in);
    if (!command.expires_in) return bad("--expires-in must be a duration such as 90d or 12h, at most 36600 days.");
  }
  if (expires_at) {
    command.expires_at = parse_rfc3339(*expires_at);
    if (!command.expires_at) return bad("--expires-at must be a time such as 2030-01-31T12:00:00Z.");
  }
  return command;
}

Result<std::string> create_key(const json::Reader& arguments, json::Faults& faults, const Context& context) {
  const auto command = TRY(read_create(arguments, faults, context));
  if (context.keys == nullptr)
    return fail(ErrorCode::invalid_input, "no_key_file",
                "No server runs on this data directory, so the master key is needed: --key-file /etc/paylink/key");
  const auto created = TRY(app::create_api_key(command, *context.keys, context.tx));
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

Result<std::string> list_keys(const json::Reader& arguments, json::Faults& faults, const Context& context) {
  const auto organization = text_or_nothing(arguments.optional("organization").text({0, 64}));
  TRY(faults.result());
  const auto keys = TRY(app::list_api_keys(organization, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const auto& key : keys) write_key(json, key, context.tx.now());
  json.end_array();
  return text;
}

Result<std::string> revoke_key(const json::Reader& arguments, json::Faults& faults, const Context& context) {
  const auto organization = text_or_nothing(arguments.optional("organization").text({0, 64}));
  const auto key = text_or_nothing(arguments.required("key").text({1, 64}));
  TRY(faults.result());
  const auto revoked = TRY(app::revoke_api_key(organization, key, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("id", revoked.id.text()).text("name", revoked.name).end_object();
  return text;
}

constexpr Command commands[] = {{"keys create", create_key}, {"keys list", list_keys}, {"keys revoke", revoke_key}};

Result<std::string> run(std::string_view line, const std::string& who, const crypto::KeyRing* keys,
                        const Transactor& write) {
  const auto document = TRY(json::Document::parse(line));
  json::Faults faults;
  const json::Reader arguments = json::Reader(faults, document.root()).as_object();
  const auto name = arguments.required("command").text({1, 64});
  TRY(faults.result());
  const auto* const command = std::ranges::find(commands, *name, &Command::name);
  if (command == std::end(commands))
    return fail(
        ErrorCode::invalid_input, "unknown_command",
        "This server does not know the command `" + std::string(*name) + "`. Use the program of the server's version.");
  std::string answer;
  const ControlStep step = [&](sql::Transaction& tx) -> Result<> {
    json::Faults found;  // the step may run again
    answer = TRY(command->run(json::Reader(found, document.root()), found, {who, keys, tx}));
    return {};
  };
  TRY(write(step));
  return answer;
}

// A bug in a command is its own end, not the server's.
Result<std::string> run_safely(std::string_view line, const std::string& who, const crypto::KeyRing* keys,
                               const Transactor& write) {
  try {
    return run(line, who, keys, write);
  } catch (const std::exception& exception) {
    return fail(ErrorCode::internal, "bug", "Something went wrong on our side.", exception.what());
  }
}

// Whoever typed flags is told of flags: `--name must have …`, not `name must have …`.
std::string in_flags(const Error& error) {
  // What is wrong with the line as a whole has no place.
  if (error.faults.empty() || !error.faults.front().where.starts_with('/')) return error.message;
  const std::string place = error.faults.front().where.substr(1);
  if (place.empty() || !error.message.starts_with(place)) return error.message;
  std::string flag = place.substr(0, place.find('/'));
  std::ranges::replace(flag, '_', '-');
  if (flag == "scopes") flag = "scope";
  return "--" + flag + error.message.substr(place.size());
}

}  // namespace

bool is_done(std::string_view answer) { return answer.starts_with(R"({"done":)"); }

std::string control_command(std::string_view line) {
  const auto document = json::Document::parse(line);
  const auto name =
      document && document->root().type() == json::Type::object ? document->root().find("command") : std::nullopt;
  return name && name->type() == json::Type::text ? std::string(name->text()) : std::string();
}

std::string run_control_line(std::string_view line, const std::string& who, const crypto::KeyRing* keys,
                             const Transactor& write) {
  const auto answer = run_safely(line, who, keys, write);
  std::string text;
  json::Writer json(text);
  json.begin_object();
  if (answer) {
    json.raw("done", *answer);
  } else {
    const Error& error = answer.error();
    const std::string reason = error.faults.empty() ? error.reason : "bad_argument";
    json.key("error").begin_object().text("reason", reason).text("message", in_flags(error));
    json.text("detail", error.detail).end_object();
  }
  json.end_object();
  return text;
}

}  // namespace paylink::main
