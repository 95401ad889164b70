#include "domain/role.hpp"

#include <algorithm>

namespace paylink {
namespace {

// Besides everything that only reads.
constexpr std::string_view scopes_of_managers[] = {"payment_link.write",    "payment_link.create",  "product.write",
                                                   "client.write",          "client_invoice.write", "attachment.write",
                                                   "supplier_invoice.write"};

bool only_reads(std::string_view scope) { return scope.ends_with(".read") || scope == "offline_access"; }

}  // namespace

bool role_may(Role role, std::string_view scope) {
  if (role_administers(role) || only_reads(scope)) return true;
  return role == Role::manager && std::ranges::find(scopes_of_managers, scope) != std::end(scopes_of_managers);
}

}  // namespace paylink
