#include <iostream>

#include "app/audit.hpp"
#include "app/master_key.hpp"
#include "app/named_organization.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "json/writer.hpp"
#include "main/operator_commands.hpp"
#include "main/reading.hpp"

namespace paylink::main {
namespace {

constexpr std::string_view last_uuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";

struct AuditOptions {
  std::string organization;
  std::string output = "table";
  int limit = 100;
  std::vector<std::string> heads;
};

void write_event(json::Writer& json, const store::AuditEvent& event) {
  json.begin_object().text("id", event.id.text()).text("at", to_rfc3339(event.at));
  if (event.organization) json.text("organization_id", event.organization->text());
  json.text("actor", event.actor).text("action", event.action).text("object", event.object);
  json.text("detail", event.detail);
  if (event.number > 0) json.integer("number", event.number);
  json.end_object();
}

void print_json(const std::vector<store::AuditEvent>& events) {
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const auto& event : events) write_event(json, event);
  json.end_array();
  std::cout << text << "\n";
}

void print_table(const std::vector<store::AuditEvent>& events) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& event : events) {
    const std::string number = event.number > 0 ? std::to_string(event.number) : "-";
    rows.push_back({number, to_rfc3339(event.at), event.actor, event.action, event.object, event.detail});
    for (std::string& cell : rows.back()) cell = cli::harmless(cell);
  }
  std::cout << cli::table({"NUMBER", "AT", "ACTOR", "ACTION", "OBJECT", "DETAIL"}, rows, cli::terminal_width());
}

Result<int> list_events(const AuditOptions& options, const Settings& settings) {
  SystemRandom random;
  const auto database = TRY(open_for_reading(settings, random));
  std::vector<store::AuditEvent> events;
  const auto read = [&](sql::Transaction& tx) -> Result<> {
    std::optional<OrganizationId> organization;
    if (!options.organization.empty()) organization = TRY(app::find_named_organization(options.organization, tx)).id;
    events = TRY(store::AuditLog(tx).newest(organization, *Uuid::parse(last_uuid), options.limit));
    return {};
  };
  TRY(database->in_transaction(read));
  if (options.output == "json")
    print_json(events);
  else
    print_table(events);
  return 0;
}

Result<std::vector<store::AuditHead>> read_heads(const std::vector<std::string>& texts) {
  std::vector<store::AuditHead> heads;
  for (const std::string& text : texts) {
    auto head = store::parse_audit_head(text);
    if (!head)
      return fail(ErrorCode::invalid_input, "usage",
                  "--head must be as the server's log and `audit verify` say it: the number, a colon and 64 digits.");
    heads.push_back(*std::move(head));
  }
  return heads;
}

Result<int> verify_log(const AuditOptions& options, const Settings& settings) {
  const auto heads = TRY(read_heads(options.heads));
  SystemRandom random;
  const auto database = TRY(open_for_reading(settings, random));
  const auto owner = TRY(find_owner(settings));
  if (!owner.keys)
    return fail(ErrorCode::invalid_input, "bad_setting",
                "The audit log is held against the master key: say --key-file, as for `paylink serve`.");
  app::AuditVerification verified;
  const auto read = [&](sql::Transaction& tx) -> Result<> {
    TRY(app::refuse_other_key(*owner.keys, tx));
    verified = TRY(app::verify_audit_log(heads, *owner.keys, tx));
    return {};
  };
  TRY(database->in_transaction(read));
  for (const std::string& violation : verified.violations) std::cerr << "paylink: " << violation << ".\n";
  std::cout << "events " << verified.events << ", not bound yet " << verified.unbound << ", head "
            << store::write_audit_head(verified.head) << ", violations " << verified.violations.size() << "\n";
  return verified.violations.empty() ? 0 : 1;
}

}  // namespace

void add_audit_commands(OperatorCommands& commands) {
  OperatorGroup<AuditOptions> audit(commands, "audit", "Who did what that money or access depends on");
  CLI::App& listing = audit.add("list", "Show the last entries, newest first, while a server runs or not", list_events);
  listing.add_option("--organization", audit.options().organization, "its slug: only what is about it (all)");
  add_output_flag(listing, audit.options().output);
  listing.add_option("--limit", audit.options().limit, "how many (100)")->check(CLI::Range(1, 10000));
  CLI::App& verification = audit.add(
      "verify", "Hold every entry against the codes that bind it to the one before; changes nothing", verify_log);
  add_repeated_flag(verification, "--head", audit.options().heads,
                    "an end that was noted before, by the server's log (`audit_head`) or an earlier verification");
  verification.footer(
      "Each violation is a sentence on stderr, the first hundred of them; the last line says how many there are, and "
      "the head.\n"
      "Note that elsewhere: that entries were taken from the log's end shows by it alone (--head).\n"
      "Exit codes: 0 there are no violations, 1 there are some, or it could not be done, 2 wrong usage.\n"
      "Example:\n  paylink audit verify --data-dir /var/lib/paylink --key-file /etc/paylink/key");
}

}  // namespace paylink::main
