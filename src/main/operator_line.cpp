#include "main/operator_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/install.hpp"
#include "app/master_key.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "control/client.hpp"
#include "control/server.hpp"
#include "main/control.hpp"
#include "main/database.hpp"
#include "main/reading.hpp"
#include "sandbox/routes.hpp"

namespace paylink::main {
namespace {

// By the server when one runs, else alone on the directory.
Result<std::string> ask(const Settings& settings, const std::string& line) {
  if (settings.data_dir.empty())
    return fail(ErrorCode::invalid_input, "bad_setting",
                "Say where the data is: --data-dir /var/lib/paylink or PAYLINK_DATA_DIR.");
  if (!std::filesystem::is_directory(settings.data_dir))
    return fail(ErrorCode::invalid_input, "bad_setting",
                "There is no data directory " + settings.data_dir + " that can be read.");
  if (line.size() > control::request_bytes_max)
    return fail(ErrorCode::invalid_input, "usage", "That is too much for one command.");
  auto answer = TRY(control::ask(settings.data_dir + "/" + control_socket, line));
  if (answer) return *std::move(answer);
  auto data_dir = TRY(DataDir::open(settings.data_dir));
  const auto [is_sandbox, keys] = TRY(find_owner(settings));
  SystemClock system_clock;
  MovableClock clock(system_clock);
  SystemRandom random;
  const Expected expected{.keys = keys ? &*keys : nullptr};
  auto database = TRY(Database::open(settings, *data_dir, expected, clock, random));
  if (is_sandbox)
    TRY(database->write(sql::Tenant::nobody(), [&](sql::Transaction& tx) { return sandbox::follow_clock(clock, tx); }));
  // Where nothing has been made yet nothing is of these keys.
  const auto check_keys = [&](sql::Transaction& tx) -> Result<> {
    const bool is_installed = TRY(app::has_organization(tx));
    return is_installed && keys ? app::check_master_key(*keys, tx) : Result<>();
  };
  TRY(database->write(sql::Tenant::everybody(), check_keys));
  const Transactor write = [&](const ControlStep& step) { return database->write(sql::Tenant::everybody(), step); };
  return run_control_line(line, "uid " + std::to_string(::getuid()), keys ? &*keys : nullptr, write);
}

// The reasons for which a command refuses its words, whatever is stored.
constexpr std::string_view usage_reasons[] = {
    "bad_argument",    "malformed_json",         "bad_expiry",       "bad_email",  "unknown_scope", "no_scope",
    "no_redirect_uri", "too_many_redirect_uris", "bad_redirect_uri", "no_key_file"};

constexpr json::Limits answer_limits{.bytes = control::answer_bytes_max};

}  // namespace

Result<Done> carry_out(const Settings& settings, const std::string& line) {
  const std::string answer = TRY(ask(settings, line));
  const auto said = json::Document::parse(answer, answer_limits);
  const auto error = said ? json::member(said->root(), "error", json::Type::object) : std::nullopt;
  if (error) {
    const auto text = [&](std::string_view name) {
      const auto member = json::member(*error, name, json::Type::text);
      return member ? std::string(member->text()) : std::string();
    };
    const std::string reason = text("reason");
    const bool usage = std::ranges::find(usage_reasons, reason) != std::end(usage_reasons);
    return fail(ErrorCode::invalid_input, usage ? "usage" : reason, text("message"), text("detail"));
  }
  const std::size_t begin = std::string_view(R"({"done":)").size();
  std::string text = said && is_done(answer) ? answer.substr(begin, answer.size() - begin - 1) : "";
  auto document = json::Document::parse(text, answer_limits);
  if (!document) return fail(ErrorCode::internal, "bad_answer", "The server's answer makes no sense.");
  return Done(std::move(text), *std::move(document));
}

std::string text_of(json::Value object, std::string_view name) {
  const auto text = json::member(object, name, json::Type::text);
  return text ? std::string(text->text()) : "never";
}

std::string words_of(json::Value object, std::string_view name) {
  std::string words;
  const auto list = json::member(object, name, json::Type::array);
  if (!list) return words;
  for (const json::Value word : list->children())
    if (word.type() == json::Type::text) words += (words.empty() ? "" : " ") + std::string(word.text());
  return words;
}

void print_list(const Done& list, std::string_view output, const Table& table) {
  if (output == "json") {
    std::cout << list.text() << "\n";
  } else if (list.value().size() == 0) {
    std::cout << table.nothing << "\n";
  } else {
    std::vector<std::vector<std::string>> rows;
    for (const json::Value entry : list.value().children()) {
      rows.push_back(table.row(entry));
      for (std::string& cell : rows.back()) cell = cli::harmless(cell);
    }
    std::cout << cli::table(table.heads, rows, cli::terminal_width());
  }
}

}  // namespace paylink::main
