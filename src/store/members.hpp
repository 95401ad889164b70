#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/organization.hpp"
#include "domain/role.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct User {
  UserId id;
  std::string email;  // in small letters
  std::string password_hash;
};

struct Membership {
  OrganizationId organization;
  MembershipId id;
  UserId user;
  Role role;
};

// One of the organizations that a user belongs to.
struct UserOrganization {
  Organization organization;
  MembershipId membership;
  Role role;
};

// People, and what they are to organizations. A membership that has ended is not found.
class Members {
 public:
  explicit Members(sql::Transaction& tx) : tx_(tx) {}

  // Fails with `already_exists` when the address is taken.
  Result<> insert_user(const User& user);
  Result<std::optional<User>> find_user(UserId id);
  Result<std::optional<User>> find_user_by_email(std::string_view email);
  // Nobody else changes the user before the transaction ends.
  Result<std::optional<User>> lock_user(UserId id);
  Result<> set_password_hash(UserId user, std::string_view hash);
  // Of the same password.
  Result<> renew_password_hash(UserId user, std::string_view hash);

  // Again, for a user who was a member before: the membership keeps its id.
  Result<> insert(const Membership& membership);
  Result<std::optional<Membership>> find(OrganizationId organization, UserId user);
  // At most `limit`, by the organization's name. For work that looks after all organizations.
  Result<std::vector<UserOrganization>> organizations_of(UserId user, int limit);
  // At most `limit`, in the order in which they came.
  Result<std::vector<Member>> list(OrganizationId organization, int limit);
  Result<std::optional<Member>> find_member(OrganizationId organization, MembershipId id);
  Result<std::int64_t> count_owners(OrganizationId organization);
  Result<> set_role(OrganizationId organization, MembershipId id, Role role);
  Result<> end(OrganizationId organization, MembershipId id);
  // The first of its owners. Fails with `not_found`.
  Result<Member> owner(OrganizationId organization);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
