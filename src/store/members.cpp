#include "store/members.hpp"

#include "base/ensure.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_user_row =
    "INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, $3, $4)";

constexpr std::string_view select_user = "SELECT id, email, password_hash FROM users WHERE id = $1";

constexpr std::string_view select_user_by_email = "SELECT id, email, password_hash FROM users WHERE email = $1";

constexpr std::string_view update_password =
    "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1";

constexpr std::string_view renew_password = "UPDATE users SET password_hash = $2 WHERE id = $1";

constexpr std::string_view insert_membership = R"sql(
  INSERT INTO memberships (organization_id, id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role, ended_at = NULL
)sql";

constexpr std::string_view select_membership = R"sql(
  SELECT id, role FROM memberships WHERE organization_id = $1 AND user_id = $2 AND ended_at IS NULL
)sql";

constexpr std::string_view select_organizations_of_user = R"sql(
  SELECT o.id, o.slug, o.name, m.id, m.role
  FROM memberships m JOIN organizations o ON o.id = m.organization_id
  WHERE m.user_id = $1 AND m.ended_at IS NULL ORDER BY o.name, o.id LIMIT $2
)sql";

constexpr std::string_view select_members = R"sql(
  SELECT m.organization_id, m.id, u.email, m.role FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.organization_id = $1 AND m.ended_at IS NULL ORDER BY m.id LIMIT $2
)sql";

constexpr std::string_view select_member = R"sql(
  SELECT m.organization_id, m.id, u.email, m.role FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.organization_id = $1 AND m.id = $2 AND m.ended_at IS NULL
)sql";

constexpr std::string_view count_owner_rows =
    "SELECT COUNT(*) FROM memberships WHERE organization_id = $1 AND role = 'owner' AND ended_at IS NULL";

constexpr std::string_view update_role = "UPDATE memberships SET role = $3 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view end_membership =
    "UPDATE memberships SET ended_at = $3 WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL";

constexpr std::string_view select_owner = R"sql(
  SELECT m.organization_id, m.id, u.email, m.role FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.organization_id = $1 AND m.role = 'owner' AND m.ended_at IS NULL ORDER BY m.id LIMIT 1
)sql";

Role read_role(const sql::Rows::Row& row, std::size_t column) {
  const auto role = role_names.parse(row.text(column));
  ENSURE(role.has_value());
  return *role;
}

Member read_member(const sql::Rows::Row& row) {
  return {row.id<OrganizationId>(0), row.id<MembershipId>(1), std::string(row.text(2)), read_role(row, 3)};
}

std::optional<User> read_user(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return User{row.id<UserId>(0), std::string(row.text(1)), std::string(row.text(2))};
}

}  // namespace

Result<> Members::insert_user(const User& user) {
  TRY(tx_.query(insert_user_row, {user.id, user.email, user.password_hash, tx_.now()}));
  return {};
}

Result<std::optional<User>> Members::find_user(UserId id) { return read_user(TRY(tx_.query(select_user, {id}))); }

Result<std::optional<User>> Members::find_user_by_email(std::string_view email) {
  return read_user(TRY(tx_.query(select_user_by_email, {email})));
}

Result<std::optional<User>> Members::lock_user(UserId id) { return read_user(TRY(tx_.lock(select_user, {id}))); }

Result<> Members::set_password_hash(UserId user, std::string_view hash) {
  return tx_.defer(update_password, {user, hash, tx_.now()});
}

Result<> Members::renew_password_hash(UserId user, std::string_view hash) {
  return tx_.defer(renew_password, {user, hash});
}

Result<> Members::insert(const Membership& membership) {
  return tx_.defer(insert_membership, {membership.organization, membership.id, membership.user,
                                       role_names.name(membership.role), tx_.now()});
}

Result<std::optional<Membership>> Members::find(OrganizationId organization, UserId user) {
  const sql::Rows rows = TRY(tx_.query(select_membership, {organization, user}));
  if (rows.empty()) return std::optional<Membership>();
  return std::optional(Membership{organization, rows.front().id<MembershipId>(0), user, read_role(rows.front(), 1)});
}

Result<std::vector<UserOrganization>> Members::organizations_of(UserId user, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_organizations_of_user, {user, limit}));
  std::vector<UserOrganization> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({{rows[i].id<OrganizationId>(0), std::string(rows[i].text(1)), std::string(rows[i].text(2))},
                     rows[i].id<MembershipId>(3),
                     read_role(rows[i], 4)});
  return found;
}

Result<std::vector<Member>> Members::list(OrganizationId organization, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_members, {organization, limit}));
  std::vector<Member> members;
  for (std::size_t i = 0; i < rows.size(); ++i) members.push_back(read_member(rows[i]));
  return members;
}

Result<std::optional<Member>> Members::find_member(OrganizationId organization, MembershipId id) {
  const sql::Rows rows = TRY(tx_.query(select_member, {organization, id}));
  if (rows.empty()) return std::optional<Member>();
  return std::optional(read_member(rows.front()));
}

Result<std::int64_t> Members::count_owners(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(count_owner_rows, {organization}));
  return rows.front().integer(0);
}

Result<> Members::set_role(OrganizationId organization, MembershipId id, Role role) {
  return tx_.defer(update_role, {organization, id, role_names.name(role)});
}

Result<> Members::end(OrganizationId organization, MembershipId id) {
  return tx_.defer(end_membership, {organization, id, tx_.now()});
}

Result<Member> Members::owner(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(select_owner, {organization}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such membership.");
  return read_member(rows.front());
}

}  // namespace paylink::store
