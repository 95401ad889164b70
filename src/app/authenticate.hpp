#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/caller.hpp"
#include "app/lane.hpp"
#include "crypto/keyring.hpp"

namespace paylink::app {

enum class CredentialKind : std::uint8_t { api_key, access_token };

// What an Authorization field presents, not yet believed.
struct Presented {
  CredentialKind kind;
  OrganizationId organization;  // read out of the secret itself: nothing is looked up without it
  std::string login;            // of an API key: the organization's slug
  std::string hash;             // keyed: what is stored of the secret
};

// `login:secret_key` without a scheme, or `Bearer <token>` (scheme in any case). Fails with
// `authorization_header_missing`, `authorization_token_invalid` (a bearer token that cannot be one of ours) or
// `unauthorized` (the same for a key).
Result<Presented> read_authorization(std::optional<std::string_view> field, std::size_t fields,
                                     const crypto::KeyRing& keys);

// Somebody known.
struct Identity {
  CredentialKind kind;
  Caller caller;
  std::optional<Time> expires_at;
};

// Fails with `authorization_token_invalid` or `unauthorized`: unknown, expired and revoked look the same.
Result<Identity> find_identity(const Presented& presented, sql::Transaction& tx);

// What must hold each time: that it has not run out since it was looked up.
Result<Caller> confirm(const Identity& identity, Time now);

// Fails with `forbidden`, naming the scope.
Result<> require_scope(const Caller& caller, Scope scope);

}  // namespace paylink::app
