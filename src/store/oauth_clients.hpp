#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/names.hpp"
#include "domain/organization.hpp"
#include "domain/scopes.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct OauthClientKind;
using OauthClientId = Id<OauthClientKind>;

// RFC 6749, section 2.1. A public one has no secret, and must use PKCE.
enum class ClientType : std::uint8_t { confidential, public_client };

inline constexpr auto client_type_names =
    names<ClientType>({{ClientType::confidential, "confidential"}, {ClientType::public_client, "public"}});

// An application that acts for members of organizations.
struct OauthClient {
  OauthClientId id;
  std::string name;
  ClientType type;
  Scopes scopes;  // what it may ask for
  std::vector<std::string> redirect_uris;
  std::string created_by;
  Time created_at{};
};

struct ClientSecret {
  Uuid id;
  std::string hash;
  std::string end;  // its last characters, to know it by
  std::optional<Time> expires_at;
};

// Applications belong to the installation, not to an organization. A deleted one is not found.
class OauthClients {
 public:
  explicit OauthClients(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const OauthClient& client);
  Result<std::optional<OauthClient>> find(OauthClientId id);
  // Nobody else changes it, or its secrets, before the transaction ends. Fails with `not_found`.
  Result<> lock(OauthClientId id);
  // Its name and its redirect URIs are these from now on.
  Result<> update(const OauthClient& client);
  // At most `limit`, newest first.
  Result<std::vector<OauthClient>> list(int limit);
  // Nothing that was issued to it is good any more.
  Result<> erase(OauthClientId id);

  Result<> insert_secret(OauthClientId client, const ClientSecret& secret);
  // Those not expired, newest first.
  Result<std::vector<ClientSecret>> secrets(OauthClientId client);
  // Those that do not expire sooner anyway expire then.
  Result<> expire_secrets(OauthClientId client, Time at);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
