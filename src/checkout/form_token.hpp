#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "crypto/keyring.hpp"
#include "domain/organization.hpp"

namespace paylink::checkout {

// What a payment form carries instead of a cookie: it proves that the form came from our page of this very link, and
// its nonce makes a form that is sent twice one attempt. Good for two hours.
std::string make_form_token(const crypto::KeyRing& keys, OrganizationId organization, const Uuid& resource_id,
                            const Uuid& nonce, Time now);

// The nonce. Fails with `form_expired` for a token that is too old, of another link, or not ours.
Result<Uuid> read_form_token(const crypto::KeyRing& keys, OrganizationId organization, const Uuid& resource_id,
                             std::string_view token, Time now);

}  // namespace paylink::checkout
