#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/organization.hpp"
#include "domain/role.hpp"
#include "sql/transaction.hpp"
#include "store/oauth_grants.hpp"

namespace paylink::store {

// What a presented key or token stands for.
struct Credential {
  Uuid principal;     // the API key, or the token's client and membership as one id
  std::string login;  // the organization's slug
  std::string scopes;
  std::optional<Time> expires_at;
  // Of a token: who acts for whom.
  std::optional<Delegation> delegation;
  std::optional<Role> role;  // of the member
};

// What presented keys and tokens stand for (ApiKeys and OauthGrants keep them). A revoked or expired one is not found,
// nor a token whose grant was revoked, whose member has left or whose application was deleted.
class Credentials {
 public:
  explicit Credentials(sql::Transaction& tx) : tx_(tx) {}

  Result<std::optional<Credential>> find_api_key(OrganizationId organization, std::string_view secret_hash);
  Result<std::optional<Credential>> find_access_token(OrganizationId organization, std::string_view token_hash);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
