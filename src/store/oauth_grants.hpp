#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/organization.hpp"
#include "domain/scopes.hpp"
#include "sql/transaction.hpp"
#include "store/oauth_clients.hpp"

namespace paylink::store {

struct GrantKind;
using GrantId = Id<GrantKind>;  // also of the code that a grant comes of

// Who lets which application act for him.
struct Delegation {
  OrganizationId organization;
  MembershipId membership;
  OauthClientId client;
};

struct AuthorizationCode {
  GrantId id;
  Delegation delegation;
  Scopes scopes;
  std::string redirect_uri;
  std::optional<std::string> code_challenge;  // RFC 7636, S256
  Time expires_at;
  bool is_used = false;
};

// What one authorization led to: codes and tokens live and die with it. Without an end it ends when it is revoked.
struct Grant {
  GrantId id;
  Delegation delegation;
  Scopes scopes;
  std::optional<Time> expires_at;
};

enum class TokenKind : std::uint8_t { access, refresh };

inline constexpr auto token_kind_names =
    names<TokenKind>({{TokenKind::access, "access"}, {TokenKind::refresh, "refresh"}});

struct NewToken {
  AccessTokenId id;
  TokenKind kind;
  std::string hash;
  Scopes scopes;
  std::optional<Time> expires_at;
};

// A token as it is stored, whether it is still good or not, with its grant.
struct Token {
  AccessTokenId id;
  TokenKind kind;
  Scopes scopes;
  std::optional<Time> expires_at;
  bool is_used = false;  // of a refresh token
  bool is_revoked = false;
  Grant grant;
  bool is_grant_revoked = false;
};

// What a member need not be asked again.
struct Consent {
  OauthClientId client;
  std::string client_name;
  Scopes scopes;
  Time created_at;
  Time updated_at;
};

// Codes, grants, tokens and consents. Of secrets only keyed hashes are stored. What is found by `lock_…` nobody else
// changes before the transaction ends.
class OauthGrants {
 public:
  explicit OauthGrants(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert_code(const AuthorizationCode& code, std::string_view hash);
  // Used and expired ones too.
  Result<std::optional<AuthorizationCode>> lock_code(OrganizationId organization, std::string_view hash);
  Result<> use_code(OrganizationId organization, GrantId id);
  // Nothing comes any more of those that have not been used.
  Result<> end_codes(const Delegation& delegation);
  Result<> end_codes_of_member(OrganizationId organization, MembershipId membership);

  Result<> insert_grant(const Grant& grant);
  Result<> insert_token(const Grant& grant, const NewToken& token);
  Result<std::optional<Token>> lock_token(OrganizationId organization, std::string_view hash);
  Result<> use_token(OrganizationId organization, AccessTokenId id);
  Result<> revoke_token(OrganizationId organization, AccessTokenId id);
  // `why` is kept for whoever looks into it: one word. False: it was revoked before, or there is none.
  Result<bool> revoke_grant(OrganizationId organization, GrantId id, std::string_view why);
  Result<> revoke_grants(const Delegation& delegation, std::string_view why);
  Result<> revoke_grants_of_member(OrganizationId organization, MembershipId membership, std::string_view why);

  Result<std::optional<Scopes>> find_consent(const Delegation& delegation);
  Result<std::optional<Scopes>> lock_consent(const Delegation& delegation);
  Result<> put_consent(const Delegation& delegation, const Scopes& scopes);
  // At most `limit`, by the application's name. Those of deleted applications are left out.
  Result<std::vector<Consent>> consents(OrganizationId organization, MembershipId membership, int limit);
  Result<> erase_consent(const Delegation& delegation);
  Result<> erase_consents_of_member(OrganizationId organization, MembershipId membership);

  // Deletes at most `limit` of each that ended before `before`; of all organizations. Answers how many.
  Result<int> purge(Time before, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
