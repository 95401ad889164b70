#include "app/named_organization.hpp"

#include "store/organizations.hpp"

namespace paylink::app {
namespace {

Failure none(std::string message) { return fail(ErrorCode::invalid_input, "no_organization", std::move(message)); }

}  // namespace

Result<Organization> find_named_organization(std::string_view slug, sql::Transaction& tx) {
  store::Organizations organizations(tx);
  if (slug.empty()) {
    auto first = TRY(organizations.first(2));
    if (first.empty()) return none("There is no organization yet: `paylink init` makes one.");
    if (first.size() > 1) return none("There are several organizations: say which with --organization SLUG.");
    return first.front();
  }
  auto found = TRY(organizations.find_by_slug(slug));
  if (!found) return none("There is no organization `" + std::string(slug) + "`.");
  return *std::move(found);
}

}  // namespace paylink::app
