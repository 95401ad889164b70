#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/keyring.hpp"
#include "domain/filters.hpp"
#include "domain/payment_link.hpp"

namespace paylink::app {

// What tells one list from every other.
std::string identity_of(OrganizationId organization, const LinkFilter& filter);

// A place in one organization's list of links with one filter and order, as a client carries it from one page to the
// next: 54 characters that say nothing to anybody else, and are of no use for another list.
std::string make_link_cursor(const LinkPlace& place, OrganizationId organization, const LinkFilter& filter,
                             const crypto::KeyRing& keys);

// Fails with `bad_request`, naming the parameter, for what was not made for this list.
Result<LinkPlace> read_link_cursor(std::string_view cursor, OrganizationId organization, const LinkFilter& filter,
                                   const crypto::KeyRing& keys);

}  // namespace paylink::app
