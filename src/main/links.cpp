#include "main/links.hpp"

#include <sys/ioctl.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include "base/ids.hpp"
#include "base/random.hpp"
#include "cli/bodies.hpp"
#include "cli/call.hpp"
#include "cli/report.hpp"
#include "json/document.hpp"
#include "main/data_dir.hpp"
#include "runtime/run_now.hpp"

namespace paylink::main {
namespace {

using cli::ApiRequest;
using cli::Exit;
using cli::Output;

constexpr std::string_view default_base_url = "http://127.0.0.1:8080";
constexpr int pages_max = 1'000'000;

Failure usage(std::string message) { return fail(ErrorCode::invalid_input, "usage", std::move(message)); }

int end_with(Exit exit) { return static_cast<int>(exit); }

int complain(const Error& error) {
  std::cerr << "paylink: " << error.message << "\n";
  if (!error.detail.empty()) std::cerr << "  (" << error.detail << ")\n";
  return end_with(error.reason == "usage" ? Exit::usage : Exit::broken);
}

// A file's text, or what comes on stdin for "-".
Result<std::string> read_text(const std::string& path) {
  if (path != "-") return read_file(path);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string default_config() {
  if (const auto home = variable("XDG_CONFIG_HOME")) return *home + "/paylink/links.toml";
  if (const auto home = variable("HOME")) return *home + "/.config/paylink/links.toml";
  return {};
}

std::size_t terminal_width() {
  if (const auto columns = variable("COLUMNS"))
    return static_cast<std::size_t>(std::strtoul(columns->c_str(), nullptr, 10));
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) return size.ws_col;
  return 0;
}

std::string text_of(const json::Value& object, std::string_view key) {
  const auto member = object.type() == json::Type::object ? object.find(key) : std::nullopt;
  return member && member->type() == json::Type::text ? std::string(member->text()) : std::string();
}

// A query, parameter by parameter.
class Query {
 public:
  void add(std::string_view name, std::string_view value) {
    text_ += (text_.empty() ? "?" : "&") + cli::percent_encoded(name) + "=" + cli::percent_encoded(value);
  }
  void add(std::string_view name, const std::optional<std::string>& value) {
    if (value) add(name, std::string_view(*value));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

struct LinksCommands::Flags {
  std::optional<std::string> base_url, token, token_file, api_key, api_key_file, staging_token, config, ready_file;
  std::optional<std::string> output, idempotency_key, body;
  double timeout = 30;
  std::string id;
  cli::CreateFlags create;
  cli::ConnectFlags connect;
  std::vector<std::string> statuses, metadata;
  std::optional<std::string> sort_by, page, per_page, amount, currency, locale;
  bool all = false;

  // Flags win over the environment, that over the ready file, that over the configuration file.
  Result<cli::Access> access(Output& chosen) const;
  Result<Output> output_of(const std::optional<std::string>& configured) const;
  Result<std::string> read_config(std::map<std::string, std::string>& values) const;
  Result<std::string> body_or(const std::function<Result<std::string>()>& from_flags) const;
  int ask(const std::function<Result<ApiRequest>()>& make) const;
  int list(const std::string& path) const;
};

Result<std::string> LinksCommands::Flags::read_config(std::map<std::string, std::string>& values) const {
  const std::string path = config ? *config : default_config();
  if (path.empty() || (!config && !std::filesystem::exists(path))) return std::string();
  try {
    for (const auto& [key, node] : toml::parse_file(path)) {
      const std::string name(key.str());
      const bool known =
          name == "base_url" || name == "token" || name == "api_key" || name == "staging_token" || name == "output";
      if (!known || !node.is_string())
        return usage("The file " + path +
                     " may set base_url, token, api_key, staging_token and output, each to a text; `" + name +
                     "` is something else.");
      values[name] = node.as_string()->get();
    }
  } catch (const toml::parse_error& error) {
    return usage("The file " + path + " cannot be read: " + std::string(error.description()));
  }
  return path;
}

Result<Output> LinksCommands::Flags::output_of(const std::optional<std::string>& configured) const {
  const std::optional<std::string> wanted = output ? output : configured;
  if (!wanted) return ::isatty(STDOUT_FILENO) != 0 ? Output::table : Output::json;
  if (*wanted == "table") return Output::table;
  if (*wanted == "json") return Output::json;
  if (*wanted == "yaml") return Output::yaml;
  return usage("--output is table, json or yaml, not `" + *wanted + "`.");
}

Result<cli::Access> LinksCommands::Flags::access(Output& chosen) const {
  std::map<std::string, std::string> known;
  TRY(read_config(known));
  if (ready_file) {
    const auto text = TRY(read_file(*ready_file));
    const auto document = json::Document::parse(text);
    if (!document) return usage("The file " + *ready_file + " is no ready file of a sandbox.");
    known["base_url"] = text_of(document->root(), "base_url");
    known["token"] = text_of(document->root(), "access_token");
    known.erase("api_key");
  }
  const auto set = [&](const std::string& name, const char* environment, const std::optional<std::string>& flag) {
    if (const auto value = variable(environment)) known[name] = *value;
    if (flag) known[name] = *flag;
  };
  // Whoever names one kind of credential means that one.
  if (token || token_file || (variable("PAYLINK_TOKEN") && !api_key && !api_key_file)) known.erase("api_key");
  if (api_key || api_key_file || (variable("PAYLINK_API_KEY") && !variable("PAYLINK_TOKEN") && !token && !token_file))
    known.erase("token");
  set("base_url", "PAYLINK_BASE_URL", base_url);
  set("staging_token", "PAYLINK_STAGING_TOKEN", staging_token);
  const bool by_key = api_key || api_key_file, by_token = token || token_file;
  if (!by_key) set("token", "PAYLINK_TOKEN", token);
  if (!by_token) set("api_key", "PAYLINK_API_KEY", api_key);
  if (token_file) known["token"] = trimmed(TRY(read_text(*token_file)));
  if (api_key_file) known["api_key"] = trimmed(TRY(read_text(*api_key_file)));
  cli::Access access;
  access.base_url = known.contains("base_url") ? known["base_url"] : std::string(default_base_url);
  while (access.base_url.ends_with('/')) access.base_url.pop_back();
  if (!access.base_url.starts_with("http://") && !access.base_url.starts_with("https://"))
    return usage("--base-url must begin with http:// or https://, unlike `" + access.base_url + "`.");
  if (known.contains("token"))
    access.authorization = "Bearer " + known["token"];
  else if (known.contains("api_key"))
    access.authorization = known["api_key"];
  access.staging_token = known["staging_token"];
  access.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000));
  chosen = TRY(output_of(known.contains("output") ? std::optional(known["output"]) : std::nullopt));
  return access;
}

Result<std::string> LinksCommands::Flags::body_or(const std::function<Result<std::string>()>& from_flags) const {
  if (!body) return from_flags();
  if (!body->starts_with('@') && *body != "-") return *body;
  return read_text(*body == "-" ? "-" : body->substr(1));
}

namespace {

cli::Send sender(http::Client& client) {
  return [&client](http::ClientRequest request) { return runtime::run_now(client.send(std::move(request))); };
}

void sleep_for(std::chrono::seconds time) { std::this_thread::sleep_for(time); }

int print(const cli::Report& report) {
  std::cout << report.out << std::flush;
  std::cerr << report.err;
  return end_with(report.exit);
}

}  // namespace

int LinksCommands::Flags::ask(const std::function<Result<ApiRequest>()>& make) const {
  Output chosen = Output::json;
  const auto found = access(chosen);
  if (!found) return complain(found.error());
  auto request = make();
  if (!request) return complain(request.error());
  SystemRandom random;
  if (request->method != "GET") request->idempotency_key = idempotency_key ? *idempotency_key : Uuid::v4(random).text();
  const auto client = http::Client::create();
  const auto answer = cli::call(*found, *request, sender(*client), sleep_for);
  if (!answer) return complain(answer.error());
  return print(cli::report(*answer, chosen, chosen == Output::table ? terminal_width() : 0));
}

// One page, or with --all each page in turn, as an answer of its own.
int LinksCommands::Flags::list(const std::string& path) const {
  Output chosen = Output::json;
  const auto found = access(chosen);
  if (!found) return complain(found.error());
  const auto client = http::Client::create();
  for (int number = 1; number <= pages_max; ++number) {
    Query query;
    for (const std::string& status : statuses) query.add("status[]", std::string_view(status));
    for (const std::string& pair : metadata) {
      const auto split = cli::split_pair(pair, "--metadata");
      if (!split) return complain(split.error());
      query.add("metadata[" + split->first + "]", std::string_view(split->second));
    }
    query.add("sort_by", sort_by);
    query.add("page", all ? std::optional(std::to_string(number)) : page);
    query.add("per_page", per_page);
    const auto answer = cli::call(*found, {.target = path + query.text()}, sender(*client), sleep_for);
    if (!answer) return complain(answer.error());
    if (chosen == Output::yaml && number > 1) std::cout << "---\n";
    const int code = print(cli::report(*answer, chosen, chosen == Output::table ? terminal_width() : 0));
    if (!all || code != 0) return code;
    const auto document = json::Document::parse(answer->body, {.depth = 64, .bytes = 16 << 20});
    const auto meta = document ? document->root().find("meta") : std::nullopt;
    const auto next = meta ? meta->find("next_page") : std::nullopt;
    if (!next || next->is_null()) return 0;
  }
  return 0;
}

LinksCommands::~LinksCommands() = default;

void LinksCommands::add(CLI::App& group, const std::string& name, const std::string& help,
                        const std::function<void(CLI::App&)>& add_flags, std::function<int()> action) {
  auto& command = *group.add_subcommand(name, help);
  Flags& f = *flags_;
  add_flags(command);
  command.add_option("--base-url", f.base_url, "the server (http://127.0.0.1:8080) [PAYLINK_BASE_URL]");
  command.add_option("--token", f.token, "a bearer token; others see it in the list of processes [PAYLINK_TOKEN]");
  command.add_option("--token-file", f.token_file, "a file with the token; - for stdin");
  command.add_option("--api-key", f.api_key, "login:secret_key, instead of a token [PAYLINK_API_KEY]");
  command.add_option("--api-key-file", f.api_key_file, "a file with it; - for stdin");
  command.add_option("--staging-token", f.staging_token, "of a sandbox that insists [PAYLINK_STAGING_TOKEN]");
  command.add_option("--ready-file", f.ready_file, "a sandbox's ready file: address and token come from it");
  command.add_option("--config", f.config, "a TOML file with base_url, token, … (~/.config/paylink/links.toml)");
  command.add_option("-o,--output", f.output, "table, json or yaml (table on a terminal, else json)");
  command.add_option("--timeout", f.timeout, "seconds to wait for an answer (30)")->check(CLI::Range(0.1, 600.0));
  actions_.emplace_back(&command, std::move(action));
}

LinksCommands::LinksCommands(CLI::App& program) : flags_(std::make_unique<Flags>()) {
  Flags& f = *flags_;
  const std::string base = "/v2/payment_links";
  auto& group = *program.add_subcommand("links", "Create, list and look at payment links over the API");
  group.require_subcommand(1);
  const auto add_write = [&f](CLI::App& command) {
    command.add_option("--idempotency-key", f.idempotency_key, "makes sending it again harmless (a new one each time)");
  };
  const auto add_body = [&f, add_write](CLI::App& command) {
    command.add_option("--body", f.body, "the request's JSON instead of flags; @FILE, or - for stdin");
    add_write(command);
  };
  const auto add_id = [&f](CLI::App& command) { command.add_option("id", f.id, "the link's id")->required(); };
  const auto add_list = [&f](CLI::App& command) {
    command.add_option("--status", f.statuses, "only these; may be repeated")->allow_extra_args(false);
    command.add_option("--sort-by", f.sort_by, "a field and a direction, such as amount:desc");
    command.add_option("--page", f.page, "which page (1)");
    command.add_option("--per-page", f.per_page, "entries of a page, at most 100 (100)");
    command.add_flag("--all", f.all, "every page, one after the other");
  };
  const auto of_link = [&f, base](const std::string& rest) { return base + "/" + cli::percent_encoded(f.id) + rest; };

  add(
      group, "create", "Create a payment link",
      [&](CLI::App& command) {
        command.add_option("--method", f.create.methods, "credit_card, apple_pay, paypal or ideal; may be repeated")
            ->allow_extra_args(false);
        command
            .add_option("--item", f.create.items,
                        "title=Coffee,quantity=2,unit_price=10.99,vat_rate=21.0[,currency=EUR,type=…,description=…,"
                        "measure_unit=…]; may be repeated; a comma within is written \\,")
            ->allow_extra_args(false);
        command.add_flag("--reusable", f.create.reusable, "may be paid any number of times");
        command.add_option("--invoice-id", f.create.invoice_id, "for an invoice instead of items: its UUID");
        command.add_option("--invoice-number", f.create.invoice_number, "its number");
        command.add_option("--debitor-name", f.create.debitor_name, "who owes it");
        command.add_option("--amount", f.create.amount, "what is owed: '100.00 EUR'");
        command.add_option("--metadata", f.create.metadata, "name=value, kept with the link; may be repeated")
            ->allow_extra_args(false);
        command.add_option("--expiration-date", f.create.expiration_date, "2027-03-31T22:00:00Z (a year from now)");
        add_body(command);
      },
      [&f, base] {
        return f.ask([&]() -> Result<ApiRequest> {
          return ApiRequest{"POST", base, TRY(f.body_or([&] { return cli::create_body(f.create); })), {}};
        });
      });
  add(
      group, "list", "List payment links, newest first",
      [&](CLI::App& command) {
        add_list(command);
        command.add_option("--metadata", f.metadata, "name=value: only links that have it; may be repeated")
            ->allow_extra_args(false);
      },
      [&f, base] { return f.list(base); });
  add(group, "get", "Look at one payment link", add_id,
      [&f, of_link] { return f.ask([&]() -> Result<ApiRequest> { return ApiRequest{.target = of_link("")}; }); });
  add(
      group, "deactivate", "Switch a payment link off",
      [&](CLI::App& command) {
        add_id(command);
        add_write(command);
      },
      [&f, of_link] {
        return f.ask([&]() -> Result<ApiRequest> { return ApiRequest{"PATCH", of_link("/deactivate"), {}, {}}; });
      });
  add(
      group, "payments", "List the payments of a link",
      [&](CLI::App& command) {
        add_id(command);
        add_list(command);
      },
      [&f, of_link] { return f.list(of_link("/payments")); });
  add(
      group, "payment-methods", "What customers can pay by",
      [&](CLI::App& command) {
        command.add_option("--amount", f.amount, "for this much, such as 13.30; needs --currency");
        command.add_option("--currency", f.currency, "of the amount, such as EUR");
        command.add_option("--locale", f.locale, "for a customer from there, such as nl_NL");
      },
      [&f, base] {
        return f.ask([&]() -> Result<ApiRequest> {
          Query query;
          query.add("amount", f.amount);
          query.add("currency", f.currency);
          query.add("locale", f.locale);
          return ApiRequest{.target = base + "/payment_methods" + query.text()};
        });
      });
  add(
      group, "connect", "Begin the connection to the payment provider",
      [&](CLI::App& command) {
        command.add_option("--partner-callback-url", f.connect.callback_url, "where the browser returns to");
        command.add_option("--bank-account-id", f.connect.bank_account, "where the money goes");
        command.add_option("--phone-number", f.connect.phone_number, "such as +31612345678");
        command.add_option("--business-description", f.connect.business_description, "at least 80 characters");
        command.add_option("--website-url", f.connect.website_url, "the merchant's site");
        add_body(command);
      },
      [&f, base] {
        return f.ask([&]() -> Result<ApiRequest> {
          const auto from_flags = [&]() -> Result<std::string> { return cli::connect_body(f.connect); };
          return ApiRequest{"POST", base + "/connections", TRY(f.body_or(from_flags)), {}};
        });
      });
  add(
      group, "connection", "Look at the connection", [](CLI::App&) {},
      [&f, base] {
        return f.ask([&]() -> Result<ApiRequest> { return ApiRequest{.target = base + "/connections"}; });
      });
}

bool LinksCommands::parsed() const {
  for (const auto& [command, action] : actions_)
    if (command->parsed()) return true;
  return false;
}

int LinksCommands::run() const {
  for (const auto& [command, action] : actions_)
    if (command->parsed()) return action();
  return 0;
}

}  // namespace paylink::main
