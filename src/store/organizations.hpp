#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/organization.hpp"
#include "domain/page.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct User {
  UserId id;
  std::string email;
  std::string password_hash;
};

struct Membership {
  OrganizationId organization;
  MembershipId id;
  UserId user;
  std::string role;
};

// How an organization is paid. `api_key_sealed` opens only for this organization and connection.
struct Connection {
  OrganizationId organization;
  ConnectionId id;
  std::string provider;  // "mollie"
  std::string mode;      // "test" or "live"
  ConnectionStatus status;
  std::string api_key_sealed;
  BankAccountId bank_account;
};

class Organizations {
 public:
  explicit Organizations(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const Organization& organization);
  // Fail with `not_found`.
  Result<Organization> find(OrganizationId id);
  Result<bool> any();

  Result<> insert_bank_account(const BankAccount& account);
  // The main one first.
  Result<Listed<BankAccount>> bank_accounts(OrganizationId organization, Page page);
  Result<> insert_user(const User& user);
  Result<> insert_membership(const Membership& membership);
  // The first of its owners. Fails with `not_found`.
  Result<Member> owner(OrganizationId organization);

  Result<> insert_connection(const Connection& connection);
  // The one that takes payments now; absent when there is none.
  Result<std::optional<Connection>> enabled_connection(OrganizationId organization);
  Result<bool> has_enabled_connection(OrganizationId organization);
  // Fails with `not_found`.
  Result<Connection> find_connection(OrganizationId organization, ConnectionId id);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
