#pragma once

#include <optional>
#include <string_view>

#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace paylink::crypto {

// API keys, OAuth tokens and the like: `plk_<organization id>_<256 random bits>_<checksum>`, each part in base32. It
// carries its organization, so that it is looked up there; the checksum tells a mistyped one without a lookup, and lets
// scanners for leaked secrets recognise it. 91 characters, all of them safe in headers, URLs and shells.
Secret make_token(const Uuid& organization, Random& random);

// An application's secret (RFC 6749, section 2.3.1): `pls_<256 random bits>_<checksum>`, 64 characters of the same
// kind. It carries nothing: applications belong to the installation.
Secret make_client_secret(Random& random);

// The organization of a well-formed token. Whether it was ever issued is another question.
std::optional<Uuid> token_organization(std::string_view token);

}  // namespace paylink::crypto
