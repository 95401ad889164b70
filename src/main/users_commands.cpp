#include <iostream>

#include "app/organizations.hpp"
#include "base/random.hpp"
#include "json/writer.hpp"
#include "main/new_password.hpp"
#include "main/operator_commands.hpp"
#include "main/operator_line.hpp"

namespace paylink::main {
namespace {

struct UsersOptions {
  std::string organization;  // its slug; empty: the only one
  std::string email;
  std::string role;
  std::string output = "table";
  bool revokes_applications = false;
  app::OrganizationWords words;  // of a new organization
};

constexpr std::string_view keep_password = "Keep this: the password is shown only now.\n";

void add_slug(json::Writer& json, const UsersOptions& options) {
  if (!options.organization.empty()) json.text("organization", options.organization);
}

// A line about a person who is there already.
std::string line_about(const UsersOptions& options, std::string_view command, std::string_view role = {}) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", command).text("user", options.email);
  add_slug(json, options);
  if (!role.empty()) json.text("role", role);
  json.end_object();
  return line;
}

// Whether a person was made, who then has the password.
bool is_new(json::Value added) {
  const auto member = added.find("is_new");
  return member && member->type() == json::Type::boolean && member->boolean();
}

// What the server said of a membership, and the password if it is anybody's: the server has never heard of it.
void write_added(json::Writer& json, json::Value added, const NewPassword& password) {
  json.begin_object();
  for (const std::string_view name : {"organization", "user_id", "membership_id", "email", "role"})
    json.text(name, text_of(added, name));
  if (is_new(added)) json.text("password", password.text.reveal());
  json.end_object();
}

void print_added(json::Value added, const std::string& text) {
  std::cout << text << "\n" << std::flush;
  if (is_new(added))
    std::cerr << keep_password;
  else
    std::cerr << text_of(added, "email") << " was known before, and keeps the password.\n";
}

Result<int> create_user(const UsersOptions& options, const Settings& settings) {
  SystemRandom random;
  const auto password = TRY(NewPassword::create(random));
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "users create").text("email", options.email).text("role", options.role);
  add_slug(json, options);
  json.text("password_hash", password.hash).end_object();
  const Done done = TRY(carry_out(settings, line));
  std::string text;
  json::Writer shown(text);
  write_added(shown, done.value(), password);
  print_added(done.value(), text);
  return 0;
}

std::vector<std::string> member_row(json::Value member) {
  return {text_of(member, "email"), text_of(member, "role"), text_of(member, "membership_id")};
}

Result<int> list_users(const UsersOptions& options, const Settings& settings) {
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "users list");
  add_slug(json, options);
  json.end_object();
  const Done done = TRY(carry_out(settings, line));
  print_list(done, options.output,
             {{"EMAIL", "ROLE", "MEMBERSHIP"}, member_row, "Nobody belongs to the organization."});
  return 0;
}

Result<int> set_role(const UsersOptions& options, const Settings& settings) {
  const Done done = TRY(carry_out(settings, line_about(options, "users set-role", options.role)));
  std::cout << text_of(done.value(), "email") << " is " << text_of(done.value(), "role") << " of "
            << text_of(done.value(), "organization")
            << ". What applications may do for that person follows within a second.\n";
  return 0;
}

Result<int> remove_user(const UsersOptions& options, const Settings& settings) {
  const Done done = TRY(carry_out(settings, line_about(options, "users remove")));
  std::cout << text_of(done.value(), "email") << " does not belong to " << text_of(done.value(), "organization")
            << " any more. A running server refuses the tokens of that person's applications within a second.\n";
  return 0;
}

Result<int> reset_password(const UsersOptions& options, const Settings& settings) {
  SystemRandom random;
  const auto password = TRY(NewPassword::create(random));
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "users reset-password").text("user", options.email);
  if (options.revokes_applications) json.boolean("revoke_applications", true);
  json.text("password_hash", password.hash).end_object();
  const Done done = TRY(carry_out(settings, line));
  std::string text;
  json::Writer shown(text);
  shown.begin_object().text("user_id", text_of(done.value(), "user_id")).text("email", text_of(done.value(), "email"));
  shown.text("password", password.text.reveal()).end_object();
  std::cout << text << "\n" << std::flush;
  std::cerr << keep_password;
  return 0;
}

Result<int> create_organization(const UsersOptions& options, const Settings& settings) {
  SystemRandom random;
  const auto password = TRY(NewPassword::create(random));
  std::string line;
  json::Writer json(line);
  json.begin_object().text("command", "organizations create");
  json.text("slug", options.words.slug).text("name", options.words.name).text("iban", options.words.iban);
  json.text("bic", options.words.bic).text("currency", options.words.currency);
  json.text("owner_email", options.email).text("password_hash", password.hash).end_object();
  const Done done = TRY(carry_out(settings, line));
  const auto owner = done.value().find("owner");
  if (!owner) return fail(ErrorCode::internal, "bad_answer", "The server's answer makes no sense.");
  std::string text;
  json::Writer shown(text);
  shown.begin_object();
  for (const std::string_view name : {"id", "slug", "bank_account_id"}) shown.text(name, text_of(done.value(), name));
  shown.key("owner");
  write_added(shown, *owner, password);
  shown.end_object();
  print_added(*owner, text);
  return 0;
}

std::vector<std::string> organization_row(json::Value organization) {
  return {text_of(organization, "slug"), text_of(organization, "name"), text_of(organization, "id")};
}

Result<int> list_organizations(const UsersOptions& options, const Settings& settings) {
  const Done done = TRY(carry_out(settings, R"({"command":"organizations list"})"));
  print_list(done, options.output,
             {{"SLUG", "NAME", "ID"}, organization_row, "There is no organization yet: `paylink init` makes one."});
  return 0;
}

void add_role_flag(CLI::App& command, std::string& role) {
  std::vector<std::string> names;
  for (const auto& row : role_names.rows) names.emplace_back(row.second);
  command.add_option("--role", role, "owner, admin, manager or reporter")->required()->check(CLI::IsMember(names));
}

}  // namespace

void add_users_commands(OperatorCommands& commands) {
  OperatorGroup<UsersOptions> users(commands, "users",
                                    "People of an organization: add and remove them, change their roles and passwords");
  UsersOptions& options = users.options();
  CLI::App& create = users.add(
      "create", "Add somebody to an organization; the password of a new person is shown once, as JSON", create_user);
  create.add_option("--email", options.email, "that person's e-mail address")->required();
  add_role_flag(create, options.role);
  create.footer("Example:\n  paylink users create --data-dir /var/lib/paylink --email ada@acme.example --role manager");
  CLI::App& list = users.add("list", "Show who belongs to an organization", list_users);
  add_output_flag(list, options.output);
  list.footer("Example:\n  paylink users list --data-dir /var/lib/paylink -o json");
  CLI::App& role = users.add("set-role", "Give a member another role, in force within a second", set_role);
  add_role_flag(role, options.role);
  role.footer("Example:\n  paylink users set-role --data-dir /var/lib/paylink ada@acme.example --role reporter");
  CLI::App& remove =
      users.add("remove", "End somebody's membership, and what applications may do for that person", remove_user);
  remove.footer("Example:\n  paylink users remove --data-dir /var/lib/paylink ada@acme.example");
  CLI::App& reset =
      users.add("reset-password", "Make a new password, shown once, as JSON; whoever is signed in has to sign in again",
                reset_password);
  reset.add_flag("--revoke-applications", options.revokes_applications,
                 "end what that person has allowed applications too: after a theft");
  reset.footer("Example:\n  paylink users reset-password --data-dir /var/lib/paylink ada@acme.example");
  for (CLI::App* command : {&role, &remove, &reset})
    command->add_option("EMAIL", options.email, "that person's e-mail address")->required();
  for (CLI::App* command : {&create, &list, &role, &remove}) add_organization_flag(*command, options.organization);
}

void add_organizations_commands(OperatorCommands& commands) {
  OperatorGroup<UsersOptions> organizations(commands, "organizations",
                                            "Organizations of this installation: make one more, list them");
  UsersOptions& options = organizations.options();
  CLI::App& create = organizations.add(
      "create", "Make an organization with its bank account and owner; a new owner's password is shown once, as JSON",
      create_organization);
  add_organization_words(create, options.words);
  create.add_option("--owner-email", options.email, "the owner's e-mail address")->required();
  create.footer(
      "Example:\n  paylink organizations create --data-dir /var/lib/paylink --slug bakery --name 'The Bakery' \\\n"
      "    --iban FR7716798000010000000000103 --bic TRZOFR21XXX --owner-email ada@bakery.example");
  CLI::App& list = organizations.add("list", "Show the organizations", list_organizations);
  add_output_flag(list, options.output);
  list.footer("Example:\n  paylink organizations list --data-dir /var/lib/paylink -o json");
}

}  // namespace paylink::main
