#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "domain/names.hpp"
#include "domain/organization.hpp"
#include "store/oauth_grants.hpp"

namespace paylink::app {

// The scopes of the contract's security section (contract.md 4). Only those some route asks for have a name here so
// far.
// `payment_link.create` is ours: it lets a key make payment links and nothing else; `payment_link.write` implies it.
enum class Scope : std::uint8_t {
  payment_link_read,
  payment_link_write,
  payment_link_create,
  organization_read,
  membership_read,
  webhook
};

inline constexpr auto scope_names = names<Scope>({
    {Scope::payment_link_read, "payment_link.read"},
    {Scope::payment_link_write, "payment_link.write"},
    {Scope::payment_link_create, "payment_link.create"},
    {Scope::organization_read, "organization.read"},
    {Scope::membership_read, "membership.read"},
    {Scope::webhook, "webhook"},
});

// Whether it is about payment links: `compat.api_key_on_payment_links` can leave those to applications.
constexpr bool is_of_payment_links(Scope scope) {
  return scope == Scope::payment_link_read || scope == Scope::payment_link_write || scope == Scope::payment_link_create;
}

class ScopeSet {
 public:
  // Names separated by spaces; a name no route asks for grants nothing.
  static ScopeSet parse(std::string_view text);
  bool has(Scope scope) const { return bits_.test(static_cast<std::size_t>(scope)); }

 private:
  std::bitset<16> bits_;
};

// Who is calling: one organization, through one API key or one application acting for a member.
struct Caller {
  OrganizationId organization;
  Uuid principal;
  ScopeSet scopes;
  std::optional<store::Delegation> delegation{};  // of an application
  std::optional<Role> role{};                     // of the member it acts for
  ScopeSet withheld{};                            // what was allowed to it, and is not the role's to give any more

  bool nobody() const { return organization == OrganizationId(); }
};

}  // namespace paylink::app
