#pragma once

#include <cstdint>
#include <string_view>

#include "domain/names.hpp"

namespace paylink {

// What a member is to an organization. Owners and admins may do everything, except that an organization always keeps
// an owner; managers make and switch off payment links, and give payments back; reporters look.
enum class Role : std::uint8_t { owner, admin, manager, reporter };

inline constexpr auto role_names = names<Role>({
    {Role::owner, "owner"},
    {Role::admin, "admin"},
    {Role::manager, "manager"},
    {Role::reporter, "reporter"},
});

// Whether a member of that role may do what the scope (OAuth's name, domain/scopes.hpp) stands for, and so let an
// application do it. docs/oauth.md shows the table.
bool role_may(Role role, std::string_view scope);

// Who may say which provider account is paid, and who belongs to the organization.
constexpr bool role_administers(Role role) { return role == Role::owner || role == Role::admin; }

}  // namespace paylink
