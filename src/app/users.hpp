#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"
#include "store/members.hpp"

namespace paylink::app {

// What an operator does about people and what they are to organizations. Organizations go by their slugs, an empty one
// being the only organization there is (else `no_organization`), and people by their e-mail addresses.

struct AddMember {
  std::string organization;
  std::string email;
  Role role = Role::reporter;
  std::string password_hash;  // Argon2id; of a person who is not known yet
  std::string by{};           // who does it, for the audit log, as below
};

enum class Person : std::uint8_t { known, made };

struct AddedMember {
  Organization organization;
  Member member;
  UserId user;
  Person person;  // a known one keeps the password
};

// Makes the person, unless known, and the membership; one that has ended begins again. Fails with `bad_email` or
// `already_member`.
Result<AddedMember> add_member(const AddMember& command, sql::Transaction& tx);

// In the order in which they came, at most 1000.
Result<std::vector<Member>> list_members(std::string_view organization, sql::Transaction& tx);

struct ChangedMember {
  Organization organization;
  Member member;  // as it is now, or was at the end
};

// Both fail with `no_member`, or with `last_owner` when nobody else owns the organization. Applications that act for
// the member may do as much as the role, or nothing any more, within half a second (runtime/caller_cache.hpp).
Result<ChangedMember> set_member_role(std::string_view organization, std::string_view email, Role role,
                                      const std::string& by, sql::Transaction& tx);
// What the member has allowed to applications ends too.
Result<ChangedMember> remove_member(std::string_view organization, std::string_view email, const std::string& by,
                                    sql::Transaction& tx);

// What becomes of the applications that somebody has allowed to act for him, in whichever organization.
enum class Applications : std::uint8_t { kept, revoked };

struct ResetPassword {
  std::string email;
  std::string password_hash;
  Applications applications = Applications::kept;
  std::string by{};
};

// Nobody is signed in as that person any more. Fails with `no_person`.
Result<store::User> reset_password(const ResetPassword& command, sql::Transaction& tx);

}  // namespace paylink::app
