#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

// What an organization has allowed an application.
struct Authorization {
  std::string id;
  std::string client_id;
  std::string organization;
  std::string scopes;  // separated by spaces

  bool allows(std::string_view scope) const;
};

struct Tokens {
  Secret access;
  Secret refresh;
  std::string scopes;
};

inline constexpr std::chrono::seconds access_token_life{3600};
inline constexpr std::chrono::minutes code_life{10};

// Every scope there is; those of a request that are not among them are refused.
bool is_scope(std::string_view name);
std::vector<std::string> all_scopes();

// Applications, what they were allowed, and what proves it.
class Authorizations {
 public:
  explicit Authorizations(sql::Transaction& tx) : tx_(tx) {}

  // Where an application is led back to. Absent when nobody has heard of it yet.
  Result<std::optional<std::string>> redirect_uri(std::string_view client_id);
  // The first request of an application says where it is led back to from then on.
  Result<> know_application(std::string_view client_id, std::string_view redirect_uri);
  // Whether it is the application's secret; the first one it shows is.
  Result<bool> is_secret(std::string_view client_id, const Secret& secret);

  // A code for what was just allowed.
  Result<std::string> allow(std::string_view client_id, std::string_view organization, std::string_view scopes);
  // For a code that was not used yet, or a refresh token; absent for anything else.
  Result<std::optional<Tokens>> exchange_code(std::string_view client_id, std::string_view code);
  Result<std::optional<Tokens>> refresh(std::string_view client_id, std::string_view refresh_token);
  // A refresh token ends its authorization with every token of it, an access token itself alone.
  Result<> revoke(std::string_view client_id, std::string_view token);
  // Whose access token it is; absent when nobody's (any more).
  Result<std::optional<Authorization>> find(std::string_view access_token);

 private:
  Result<Secret> issue_access_token(std::string_view authorization);
  sql::Transaction& tx_;
};

}  // namespace paylink::simulator
