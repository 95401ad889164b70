#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct OauthClientKind;
using OauthClientId = Id<OauthClientKind>;

struct OauthClient {
  OauthClientId id;
  std::string name;
  std::string secret_hash;
  std::string redirect_uri;
};

enum class TokenKind : std::uint8_t { access, refresh };

inline constexpr auto token_kind_names =
    names<TokenKind>({{TokenKind::access, "access"}, {TokenKind::refresh, "refresh"}});

struct NewToken {
  OrganizationId organization;
  AccessTokenId id;
  TokenKind kind;
  std::string hash;
  OauthClientId client;
  MembershipId membership;
  std::string scopes;  // names, separated by spaces
  std::optional<Time> expires_at;
};

// What a presented key or token stands for.
struct Credential {
  Uuid principal;     // the API key, or the token's client and membership as one id
  std::string login;  // the organization's slug
  std::string scopes;
  std::optional<Time> expires_at;
};

// What presented keys and tokens stand for, OAuth clients and tokens (API keys are kept by ApiKeys). Only keyed hashes
// are stored; a revoked or expired one is not found.
class Credentials {
 public:
  explicit Credentials(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert_oauth_client(const OauthClient& client);
  Result<> insert_token(const NewToken& token);

  Result<std::optional<Credential>> find_api_key(OrganizationId organization, std::string_view secret_hash);
  Result<std::optional<Credential>> find_access_token(OrganizationId organization, std::string_view token_hash);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
