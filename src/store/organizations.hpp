#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/organization.hpp"
#include "domain/page.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

class Organizations {
 public:
  explicit Organizations(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const Organization& organization);
  // Fail with `not_found`.
  Result<Organization> find(OrganizationId id);
  Result<> lock(OrganizationId id);  // held until the transaction ends
  Result<std::optional<Organization>> find_by_slug(std::string_view slug);
  // At most so many, by their slugs.
  Result<std::vector<Organization>> list(int limit);
  // At most so many, in no order.
  Result<std::vector<Organization>> first(int limit);
  Result<bool> any();

  Result<> insert_bank_account(const BankAccount& account);
  // The main one first.
  Result<Listed<BankAccount>> bank_accounts(OrganizationId organization, Page page);
  // Fails with `not_found`.
  Result<BankAccount> find_bank_account(OrganizationId organization, BankAccountId id);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
