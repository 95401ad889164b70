#include "app/organizations.hpp"
#include "app/users.hpp"
#include "main/control_commands.hpp"

namespace paylink::main {
namespace {

// Somebody's address where it is a word of its own.
std::string read_user(const json::Reader& arguments) {
  return text_or_nothing(arguments.required("user").text({1, 254}));
}

Role read_role(const json::Reader& arguments) {
  return arguments.required("role").one_of(role_names).value_or(Role::reporter);
}

// Passwords are hashed by whoever asks: here that would keep everybody waiting.
std::string read_password_hash(const json::Reader& arguments) {
  const json::Reader hash = arguments.required("password_hash");
  std::string text = text_or_nothing(hash.text({1, 200}));
  if (!text.starts_with("$argon2id$")) hash.fault("invalid_format", "must be a hash of Argon2id");
  return text;
}

void write_member(json::Writer& json, const Member& member) {
  json.text("membership_id", member.id.text()).text("email", member.email).text("role", role_names.name(member.role));
}

void write_added(json::Writer& json, const app::AddedMember& added) {
  json.begin_object().text("organization", added.organization.slug).text("user_id", added.user.text());
  write_member(json, added.member);
  json.boolean("is_new", added.person == app::Person::made).end_object();
}

Result<std::string> create_user(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  app::AddMember command;
  command.organization = read_organization(arguments);
  command.email = text_or_nothing(arguments.required("email").text({1, 254}));
  command.role = read_role(arguments);
  command.password_hash = read_password_hash(arguments);
  command.by = context.who;
  TRY(faults.result());
  const auto added = TRY(app::add_member(command, context.tx));
  std::string text;
  json::Writer json(text);
  write_added(json, added);
  return text;
}

Result<std::string> list_users(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const auto organization = read_organization(arguments);
  TRY(faults.result());
  const auto members = TRY(app::list_members(organization, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const auto& member : members) {
    json.begin_object();
    write_member(json, member);
    json.end_object();
  }
  json.end_array();
  return text;
}

std::string changed_json(const app::ChangedMember& changed) {
  std::string text;
  json::Writer json(text);
  json.begin_object().text("organization", changed.organization.slug);
  write_member(json, changed.member);
  json.end_object();
  return text;
}

Result<std::string> set_role(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const auto organization = read_organization(arguments);
  const auto user = read_user(arguments);
  const Role role = read_role(arguments);
  TRY(faults.result());
  return changed_json(TRY(app::set_member_role(organization, user, role, context.who, context.tx)));
}

Result<std::string> remove_user(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  const auto organization = read_organization(arguments);
  const auto user = read_user(arguments);
  TRY(faults.result());
  return changed_json(TRY(app::remove_member(organization, user, context.who, context.tx)));
}

Result<std::string> reset_password(const json::Reader& arguments, json::Faults& faults, const ControlContext& context) {
  app::ResetPassword command;
  command.by = context.who;
  command.email = read_user(arguments);
  command.password_hash = read_password_hash(arguments);
  if (arguments.optional("revoke_applications").boolean().value_or(false))
    command.applications = app::Applications::revoked;
  TRY(faults.result());
  const auto user = TRY(app::reset_password(command, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("user_id", user.id.text()).text("email", user.email).end_object();
  return text;
}

Result<std::string> create_organization(const json::Reader& arguments, json::Faults& faults,
                                        const ControlContext& context) {
  const auto word = [&](std::string_view name) { return text_or_nothing(arguments.required(name).text({0, 255})); };
  const app::CreateOrganization command{
      .words = {word("slug"), word("name"), word("iban"), word("bic"), word("currency")},
      .owner_email = text_or_nothing(arguments.required("owner_email").text({1, 254})),
      .owner_password_hash = read_password_hash(arguments),
      .by = context.who};
  TRY(faults.result());
  const auto created = TRY(app::create_organization(command, context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_object().text("id", created.organization.id.text()).text("slug", created.organization.slug);
  json.text("bank_account_id", created.bank_account.text());
  json.key("owner");
  write_added(json, created.owner);
  json.end_object();
  return text;
}

Result<std::string> list_organizations(const json::Reader&, json::Faults&, const ControlContext& context) {
  const auto organizations = TRY(app::list_organizations(context.tx));
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const auto& organization : organizations) {
    json.begin_object().text("id", organization.id.text()).text("slug", organization.slug);
    json.text("name", organization.name).end_object();
  }
  json.end_array();
  return text;
}

constexpr ControlCommand commands_of_users[] = {{"users create", create_user},
                                                {"users list", list_users},
                                                {"users set-role", set_role},
                                                {"users remove", remove_user},
                                                {"users reset-password", reset_password},
                                                {"organizations create", create_organization},
                                                {"organizations list", list_organizations}};

}  // namespace

std::span<const ControlCommand> user_commands() { return commands_of_users; }

}  // namespace paylink::main
