#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/caller.hpp"
#include "crypto/keyring.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// The first organization of an installation, with what it needs to begin.
struct Installation {
  Organization organization;
  BankAccountId bank_account;
  std::string iban;
  std::string bic;
  std::string currency;  // of the account
  UserId user;
  MembershipId membership;
  std::string email;
  std::string password_hash;  // Argon2id
  ApiKeyId api_key;
  Secret api_secret;
};

Result<bool> has_organization(sql::Transaction& tx);

// Fails with `already_exists` when there is an organization.
Result<> install(const Installation& installation, const crypto::KeyRing& keys, sql::Transaction& tx);

// What only the sandbox's organization gets without asking: an application, its tokens, and an enabled test connection.
struct SandboxAccess {
  Uuid client_id;
  std::string client_name;
  Secret client_secret;
  std::vector<std::string> redirect_uris;
  AccessTokenId access_token_id;
  Secret access_token;
  AccessTokenId refresh_token_id;
  Secret refresh_token;
  ConnectionId connection;
  std::optional<Secret> provider_key;  // absent: no connection yet
};

Result<> install_sandbox_access(const Installation& installation, const SandboxAccess& access,
                                const crypto::KeyRing& keys, sql::Transaction& tx);

// Every scope of every route: what the first API key and the sandbox's token may do.
std::string all_scopes();

// Binds a sealed provider key to its connection: it opens nowhere else.
std::string connection_seal(OrganizationId organization, ConnectionId connection);

}  // namespace paylink::app
