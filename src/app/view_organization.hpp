#pragma once

#include "app/caller.hpp"
#include "domain/organization.hpp"
#include "domain/page.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

struct ViewOrganization {
  Page accounts;
};

struct OrganizationView {
  Organization organization;
  Listed<BankAccount> accounts;  // the main one first
};

// The caller's organization and a page of its bank accounts.
Result<OrganizationView> view_organization(const ViewOrganization& command, const Caller& caller, sql::Transaction& tx);

struct ViewMembership {};

// For whom the caller speaks: the member who allowed an application to, and of an API key the owner.
Result<Member> view_membership(const ViewMembership& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
