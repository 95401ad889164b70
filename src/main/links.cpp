#include "main/links.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "base/ids.hpp"
#include "base/random.hpp"
#include "cli/bodies.hpp"
#include "cli/query.hpp"
#include "cli/report.hpp"
#include "cli/terminal.hpp"
#include "http/request.hpp"
#include "main/links_access.hpp"
#include "runtime/run_now.hpp"

namespace paylink::main {
namespace {

using cli::ApiRequest;
using cli::Exit;
using cli::Output;
using Texts = std::vector<std::string>;

// A path of the API.
std::string path_to(std::string_view rest) { return "/v2/payment_links" + std::string(rest); }

// A list that is longer is not walked to its end.
constexpr std::int64_t pages_max = 1'000'000;

int end_with(Exit exit) { return static_cast<int>(exit); }

int complain(const Error& error) {
  std::cerr << "paylink: " << error.message << "\n";
  if (!error.detail.empty()) std::cerr << "  (" << cli::harmless(error.detail) << ")\n";
  return end_with(error.reason == "usage" ? Exit::usage : Exit::broken);
}

// False: nobody reads what is written, or the disk is full.
bool write_out(const std::string& text) {
  std::cout << text << std::flush;
  return std::cout.good();
}

int print(const cli::Report& report) {
  const bool written = write_out(report.out);
  std::cerr << report.err;
  if (written) return end_with(report.exit);
  std::cerr << "paylink: the output could not be written.\n";
  return end_with(Exit::broken);
}

}  // namespace

struct LinksCommands::Flags {
  AccessFlags access;
  bool verbose = false;
  std::string id, payment;
  std::optional<std::string> idempotency_key, body;
  cli::CreateFlags create;
  cli::ConnectFlags connect;
  Texts statuses, metadata;
  std::optional<std::string> sort_by, page, per_page, amount, currency, locale;
  bool all = false;

  // Asks once and prints the answer. `asked` explains a refusal.
  int ask(const std::function<Result<ApiRequest>()>& make, cli::Asked asked = {}) const;
  // One page, or with --all each page in turn, as an answer of its own.
  int list(const Result<std::string>& path, cli::Walk walk, cli::Asked asked = {}) const;

  Result<std::string> list_query(std::string_view place, const std::optional<std::string>& at) const;
  Result<std::string> body_or(const std::function<Result<std::string>()>& from_flags) const;
  // The places of flags, unless --body stands for them.
  cli::Asked of_flags(std::span<const cli::FlagPlace> places) const {
    return body ? cli::Asked{} : cli::Asked{.places = places};
  }
  Result<std::string> of_link(const std::string& rest) const;
  Result<std::string> of_payment(const std::string& rest) const;
};

namespace {

// Sends requests as the settings say; with -v it tells on stderr what goes out and what comes back, but no secrets.
class Caller {
 public:
  Caller(cli::Settings settings, bool verbose)
      : settings_(std::move(settings)),
        output_(settings_.output.value_or(::isatty(STDOUT_FILENO) != 0 ? Output::table : Output::json)),
        is_verbose_(verbose),
        client_(http::Client::create()) {}

  Output output() const { return output_; }

  Result<cli::ApiAnswer> call(const ApiRequest& request) {
    return cli::call(
        settings_.access, request,
        [&](http::ClientRequest wire) {
          if (is_verbose_) std::cerr << "> " << wire.method << " " << wire.url << key_note(request) << "\n";
          auto answer = runtime::run_now(client_->send(std::move(wire)));
          if (is_verbose_)
            std::cerr << "< " << (answer ? std::to_string(answer->status) : answer.error().reason) << "\n";
          return answer;
        },
        [](std::chrono::seconds time) {
          std::cerr << "paylink: the server asks to wait " << time.count() << " s; waiting.\n" << std::flush;
          std::this_thread::sleep_for(time);
        });
  }

  int show(const cli::ApiAnswer& answer, cli::Asked asked) const {
    asked.credentials = settings_.access.authorization.empty() ? cli::Credentials::none : cli::Credentials::given;
    return print(cli::report(answer, output_, output_ == Output::table ? cli::terminal_width() : 0, asked));
  }

 private:
  static std::string key_note(const ApiRequest& request) {
    return request.idempotency_key.empty() ? "" : " (idempotency key " + request.idempotency_key + ")";
  }

  cli::Settings settings_;
  Output output_;
  bool is_verbose_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace

Result<std::string> LinksCommands::Flags::body_or(const std::function<Result<std::string>()>& from_flags) const {
  if (!body) return from_flags();
  if (body->empty()) return cli::usage_error("--body takes JSON, @FILE or - for stdin.");
  if (*body == "-" && access.reads_stdin())
    return cli::usage_error("Both --body and a credential's file are on stdin: name one.");
  if (*body == "-") return read_text("-");
  return body->starts_with('@') ? read_text(body->substr(1)) : *body;
}

namespace {

// An id goes into a path, where dots would lead elsewhere.
Result<std::string> id_in_path(const std::string& id, const std::string& of_what) {
  if (id.find_first_not_of('.') == std::string::npos)
    return cli::usage_error("The id of a " + of_what + " is a UUID, not `" + id + "`.");
  return "/" + http::percent_encode(id);
}

}  // namespace

Result<std::string> LinksCommands::Flags::of_link(const std::string& rest) const {
  const std::string link = TRY(id_in_path(id, "link"));
  return path_to(link + rest);
}

Result<std::string> LinksCommands::Flags::of_payment(const std::string& rest) const {
  const std::string one = TRY(id_in_path(payment, "payment"));
  return of_link("/payments" + one + rest);
}

int LinksCommands::Flags::ask(const std::function<Result<ApiRequest>()>& make, cli::Asked asked) const {
  if (idempotency_key)
    if (const auto checked = cli::check_idempotency_key(*idempotency_key); !checked) return complain(checked.error());
  const auto settings = access.read();
  if (!settings) return complain(settings.error());
  auto request = make();
  if (!request) return complain(request.error());
  SystemRandom random;
  if (request->method != "GET") request->idempotency_key = idempotency_key ? *idempotency_key : Uuid::v4(random).text();
  Caller caller(*settings, verbose);
  const auto answer = caller.call(*request);
  return answer ? caller.show(*answer, asked) : complain(answer.error());
}

Result<std::string> LinksCommands::Flags::list_query(std::string_view place,
                                                     const std::optional<std::string>& at) const {
  cli::Query query;
  for (const std::string& status : statuses) query.add("status[]", std::string_view(status));
  for (const std::string& pair : metadata) {
    const auto [name, value] = TRY(cli::split_pair(pair, "--metadata"));
    query.add("metadata[" + name + "]", std::string_view(value));
  }
  query.add("sort_by", sort_by);
  query.add(place, at);
  query.add("per_page", per_page);
  return query.text();
}

int LinksCommands::Flags::list(const Result<std::string>& path, cli::Walk walk, cli::Asked asked) const {
  asked.places = cli::query_places();
  const auto settings = access.read();
  if (!settings) return complain(settings.error());
  if (!path) return complain(path.error());
  Caller caller(*settings, verbose);
  cli::ListPlace place{.walk = walk};
  for (std::int64_t number = 1; number <= pages_max; ++number) {
    const auto query = all ? list_query(place.parameter(), place.value()) : list_query("page", page);
    if (!query) return complain(query.error());
    const auto answer = caller.call({.target = *path + *query});
    if (!answer) return complain(answer.error());
    if (caller.output() == Output::yaml && number > 1) write_out("---\n");
    const int code = caller.show(*answer, asked);
    if (!all || code != 0) return code;
    auto next = cli::next_place(answer->body, place);
    if (!next) return complain(next.error());
    if (!*next) return code;
    place = **std::move(next);
  }
  return complain(
      Error{ErrorCode::unavailable, "endless_list",
            "The list goes on after " + std::to_string(pages_max) + " pages, which is more than a list has."});
}

CLI::App& LinksCommands::add_group(CLI::App& program, const std::string& name, const std::string& help) {
  auto& group = *program.add_subcommand(name, help);
  group.require_subcommand(1);
  group.footer(
      "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 not authorized, 4 not found, 5 server error or not reached,\n"
      "6 too many requests or not available now.");
  return group;
}

CLI::App& LinksCommands::add(CLI::App& group, const std::string& name, const std::string& help, Action action) {
  auto& command = *group.add_subcommand(name, help);
  flags_->access.add_to(command);
  command.add_flag("-v,--verbose", flags_->verbose, "tell on stderr what is sent, with the idempotency key");
  actions_.emplace_back(&command, std::move(action));
  return command;
}

namespace {

// An option that may be given several times, one value each.
void add_repeated(CLI::App& command, const std::string& name, Texts& values, const std::string& help) {
  command.add_option(name, values, help + "; may be repeated")->allow_extra_args(false);
}

template <class Flags>
void add_pages(CLI::App& command, Flags& flags) {
  auto* const page = command.add_option("--page", flags.page, "which page (1)");
  command.add_option("--per-page", flags.per_page, "entries of a page, at most 100 (100)");
  command.add_flag("--all", flags.all, "every page, one answer after the other")->excludes(page);
}

void add_key(CLI::App& command, std::optional<std::string>& key) {
  command.add_option("--idempotency-key", key, "makes sending it again harmless (a new one each time)");
}

// --body, which takes the place of all flags in `group`.
void add_body(CLI::App& command, std::optional<std::string>& body, const std::string& group) {
  const auto instead = command.get_options([&](const CLI::Option* option) { return option->get_group() == group; });
  auto* const option =
      command.add_option("--body", body, "the request's JSON instead of these flags; @FILE, or - for stdin");
  for (const CLI::Option* flag : instead) option->excludes(command.get_option(flag->get_name()));
}

}  // namespace

void LinksCommands::add_create() {
  auto& command = add(links_, "create", "Create a payment link", [](const Flags& flags) {
    return flags.ask(
        [&]() -> Result<ApiRequest> {
          auto body = TRY(flags.body_or([&] { return cli::create_body(flags.create); }));
          return ApiRequest{"POST", path_to(""), std::move(body), {}};
        },
        flags.of_flags(cli::create_places()));
  });
  cli::CreateFlags& create = flags_->create;
  const std::string group = "What the link is for";
  command.option_defaults()->group(group);
  add_repeated(command, "--method", create.methods, "credit_card, apple_pay, paypal or ideal");
  add_repeated(command, "--item", create.items,
               "title=Coffee,quantity=2,unit_price=10.99,vat_rate=21.0[,currency=EUR,type=…,description=…,"
               "measure_unit=…]; a comma within is written \\,");
  command.add_flag("--reusable", create.reusable, "may be paid any number of times");
  command.add_option("--invoice-id", create.invoice_id, "for an invoice instead of items: its UUID");
  command.add_option("--invoice-number", create.invoice_number, "its number");
  command.add_option("--debitor-name", create.debitor_name, "who owes it");
  command.add_option("--amount", create.amount, "what is owed: '100.00 EUR'");
  add_repeated(command, "--metadata", create.metadata, "name=value, kept with the link");
  command.add_option("--expiration-date", create.expiration_date, "2027-03-31T22:00:00Z (a year from now)");
  add_body(command, flags_->body, group);
  command.option_defaults()->group("Options");
  add_key(command, flags_->idempotency_key);
  command.footer(
      "Example:\n  paylink links create --ready-file build/sandbox.json --method ideal \\\n"
      "    --item 'title=Coffee,quantity=2,unit_price=10.99,vat_rate=21.0'");
}

void LinksCommands::add_lists() {
  auto& links = add(links_, "list", "List payment links, newest first",
                    [](const Flags& flags) { return flags.list(path_to(""), cli::Walk::by_cursor); });
  auto& payments = add(links_, "payments", "List the payments of a link",
                       [](const Flags& flags) { return flags.list(flags.of_link("/payments"), cli::Walk::by_number); });
  payments.add_option("id", flags_->id, "the link's id")->required();
  add_repeated(links, "--status", flags_->statuses, "only open, expired, canceled, paid or processing");
  add_repeated(payments, "--status", flags_->statuses,
               "only open, pending, authorized, paid, canceled, expired or failed");
  links.add_option("--sort-by", flags_->sort_by, "amount or expiration_date with :asc or :desc");
  payments.add_option("--sort-by", flags_->sort_by, "creation_date:asc or creation_date:desc");
  add_repeated(links, "--metadata", flags_->metadata, "only links with this name=value");
  for (CLI::App* command : {&links, &payments}) add_pages(*command, *flags_);
  links.footer("Example:\n  paylink links list --status open --sort-by amount:desc --all");
}

void LinksCommands::add_of_one_link() {
  auto& get = add(links_, "get", "Look at one payment link", [](const Flags& flags) {
    return flags.ask([&]() -> Result<ApiRequest> {
      auto path = TRY(flags.of_link(""));
      return ApiRequest{.target = std::move(path)};
    });
  });
  auto& deactivate = add(links_, "deactivate", "Switch a payment link off", [](const Flags& flags) {
    return flags.ask([&]() -> Result<ApiRequest> {
      auto path = TRY(flags.of_link("/deactivate"));
      return ApiRequest{"PATCH", std::move(path), {}, {}};
    });
  });
  for (CLI::App* command : {&get, &deactivate}) command->add_option("id", flags_->id, "the link's id")->required();
  add_key(deactivate, flags_->idempotency_key);
}

void LinksCommands::add_of_the_account() {
  auto& methods = add(links_, "payment-methods", "What customers can pay by", [](const Flags& flags) {
    return flags.ask(
        [&]() -> Result<ApiRequest> {
          cli::Query query;
          query.add("amount", flags.amount);
          query.add("currency", flags.currency);
          query.add("locale", flags.locale);
          return ApiRequest{.target = path_to("/payment_methods" + query.text())};
        },
        {.places = cli::query_places()});
  });
  auto* const amount = methods.add_option("--amount", flags_->amount, "for this much, such as 13.30");
  auto* const currency = methods.add_option("--currency", flags_->currency, "of the amount, such as EUR");
  amount->needs(currency);
  currency->needs(amount);
  methods.add_option("--locale", flags_->locale, "for a customer from there, such as nl_NL");

  auto& connect = add(links_, "connect", "Begin the connection to the payment provider", [](const Flags& flags) {
    return flags.ask(
        [&]() -> Result<ApiRequest> {
          auto body = TRY(flags.body_or([&] { return cli::connect_body(flags.connect); }));
          return ApiRequest{"POST", path_to("/connections"), std::move(body), {}};
        },
        flags.of_flags(cli::connect_places()));
  });
  const std::string group = "The merchant";
  connect.option_defaults()->group(group);
  connect.add_option("--partner-callback-url", flags_->connect.callback_url, "where the browser returns to");
  connect.add_option("--bank-account-id", flags_->connect.bank_account,
                     "one of the organization's, shown with the connection; where Mollie pays out is set at Mollie");
  connect.add_option("--phone-number", flags_->connect.phone_number, "such as +31612345678");
  connect.add_option("--business-description", flags_->connect.business_description, "at least 80 characters");
  connect.add_option("--website-url", flags_->connect.website_url, "the merchant's site");
  add_body(connect, flags_->body, group);
  connect.option_defaults()->group("Options");
  add_key(connect, flags_->idempotency_key);

  add(links_, "connection", "Look at the connection", [](const Flags& flags) {
    return flags.ask([]() -> Result<ApiRequest> { return ApiRequest{.target = path_to("/connections")}; });
  });
}

namespace {

constexpr std::string_view link_first =
    "The link's id comes first, then the payment's: `paylink links payments LINK` lists those.\n";

}  // namespace

void LinksCommands::add_of_one_payment() {
  auto& refund = add(payments_, "refund", "Give a payment back, or with --amount a part of it", [](const Flags& flags) {
    return flags.ask(
        [&]() -> Result<ApiRequest> {
          auto path = TRY(flags.of_payment("/refunds"));
          auto body = TRY(cli::refund_body(flags.amount));
          return ApiRequest{"POST", std::move(path), std::move(body), {}};
        },
        {.places = cli::refund_places(), .not_found = link_first});
  });
  auto& refunds = add(payments_, "refunds", "List the refunds of a payment, newest first", [](const Flags& flags) {
    return flags.list(flags.of_payment("/refunds"), cli::Walk::by_number, {.not_found = link_first});
  });
  auto& chargebacks =
      add(payments_, "chargebacks", "List what the customer's bank took back of a payment", [](const Flags& flags) {
        return flags.list(flags.of_payment("/chargebacks"), cli::Walk::by_number, {.not_found = link_first});
      });
  for (CLI::App* command : {&refund, &refunds, &chargebacks}) {
    command->add_option("link", flags_->id, "the link's id")->required();
    command->add_option("payment", flags_->payment, "the payment's id, of `paylink links payments`")->required();
  }
  refund.add_option("--amount", flags_->amount,
                    "how much: 5.00, which is in euros, or '5.00 USD' (what is left of it)");
  add_key(refund, flags_->idempotency_key);
  for (CLI::App* command : {&refunds, &chargebacks}) add_pages(*command, *flags_);
  refund.footer(
      "Example:\n  paylink payments refund 019aafe0-6c00-7d3e-8a51-3f2f3b9c1d20 019aaff3-0a10-7c00-9a00-1f2e3d4c5b6a "
      "\\\n    --amount 5.00");
}

LinksCommands::LinksCommands(CLI::App& program)
    : links_(add_group(program, "links", "Create, list and look at payment links over the API")),
      payments_(add_group(program, "payments", "Give payments back over the API, and look at what was given back")),
      flags_(std::make_unique<Flags>()) {
  add_create();
  add_lists();
  add_of_one_link();
  add_of_the_account();
  add_of_one_payment();
}

LinksCommands::~LinksCommands() = default;

bool LinksCommands::parsed() const {
  for (const auto& [command, action] : actions_)
    if (command->parsed()) return true;
  return false;
}

int LinksCommands::run() const {
  for (const auto& [command, action] : actions_)
    if (command->parsed()) return action(*flags_);
  return 0;
}

}  // namespace paylink::main
