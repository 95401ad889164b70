#include "main/control.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "main/control_commands.hpp"

namespace paylink::main {
namespace {

const ControlCommand* find_command(std::string_view name) {
  for (const auto commands : {key_commands(), client_commands(), user_commands()})
    for (const ControlCommand& command : commands)
      if (command.name == name) return &command;
  return nullptr;
}

Result<std::string> run(std::string_view line, const std::string& who, const crypto::KeyRing* keys,
                        const Transactor& write) {
  const auto document = TRY(json::Document::parse(line));
  json::Faults faults;
  const json::Reader arguments = json::Reader(faults, document.root()).as_object();
  const auto name = arguments.required("command").text({1, 64});
  TRY(faults.result());
  const ControlCommand* const command = find_command(*name);
  if (command == nullptr)
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

// Members of a line that are not typed as flags of the same name.
constexpr std::pair<std::string_view, std::string_view> typed_otherwise[] = {
    {"scopes", "--scope"}, {"redirect_uris", "--redirect-uri"}, {"key", "KEY"}, {"client", "ID"}, {"user", "EMAIL"}};

// Whoever typed flags is told of flags: `--name must have …`, not `name must have …`.
std::string in_flags(const Error& error) {
  // What is wrong with the line as a whole has no place.
  if (error.faults.empty() || !error.faults.front().where.starts_with('/')) return error.message;
  const std::string place = error.faults.front().where.substr(1);
  if (place.empty() || !error.message.starts_with(place)) return error.message;
  std::string word = place.substr(0, place.find('/'));
  const auto* const other =
      std::ranges::find(typed_otherwise, word, &std::pair<std::string_view, std::string_view>::first);
  if (other != std::end(typed_otherwise)) return std::string(other->second) + error.message.substr(place.size());
  std::ranges::replace(word, '_', '-');
  return "--" + word + error.message.substr(place.size());
}

}  // namespace

bool is_done(std::string_view answer) { return answer.starts_with(R"({"done":)"); }

std::string control_command(std::string_view line) {
  const auto document = json::Document::parse(line);
  const auto name = document ? json::member(document->root(), "command", json::Type::text) : std::nullopt;
  return name ? std::string(name->text()) : std::string();
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
