#pragma once

#include <string>
#include <vector>

#include "app/users.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// What is told of a new organization.
struct OrganizationWords {
  std::string slug;
  std::string name;
  std::string iban;
  std::string bic;
  std::string currency;  // of the account
};

// The same, as it is stored. Fails with `bad_argument` and a sentence about the flag.
Result<OrganizationWords> check_organization(OrganizationWords words);

// An organization and its bank account. Fails with `already_exists` when the slug is taken.
Result<> insert_organization(const Organization& organization, const BankAccount& account, sql::Transaction& tx);

struct CreateOrganization {
  OrganizationWords words;
  std::string owner_email;
  std::string owner_password_hash;  // of a person who is not known yet
  std::string by{};                 // who does it, for the audit log
};

struct CreatedOrganization {
  Organization organization;
  BankAccountId bank_account;
  AddedMember owner;
};

// One more organization, without an API key. Fails with `bad_argument`, `bad_email` or `slug_taken`.
Result<CreatedOrganization> create_organization(const CreateOrganization& command, sql::Transaction& tx);

// By their slugs, at most 1000.
Result<std::vector<Organization>> list_organizations(sql::Transaction& tx);

}  // namespace paylink::app
