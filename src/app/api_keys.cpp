#include "app/api_keys.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "app/caller.hpp"
#include "app/named_organization.hpp"
#include "crypto/token.hpp"
#include "store/organizations.hpp"

namespace paylink::app {
namespace {

constexpr int listed_keys_max = 1000;
constexpr std::size_t shown_end = 4;

Failure bad_key(std::string reason, std::string message) {
  return fail(ErrorCode::invalid_input, std::move(reason), std::move(message));
}

// Every scope once, in the order they were asked for.
Result<std::string> join_scopes(const std::vector<std::string>& scopes) {
  if (scopes.empty()) return bad_key("no_scope", "A key needs at least one scope.");
  std::string known, joined;
  for (const auto& row : scope_names.rows) known += (known.empty() ? "" : ", ") + std::string(row.second);
  std::vector<std::string_view> seen;
  for (const std::string& scope : scopes) {
    if (!scope_names.parse(scope))
      return bad_key("unknown_scope", "There is no scope `" + scope + "`. The scopes are " + known + ".");
    if (std::ranges::find(seen, scope) != seen.end()) continue;
    seen.push_back(scope);
    joined += (joined.empty() ? "" : " ") + scope;
  }
  return joined;
}

Result<std::optional<Time>> expiry_of(const CreateApiKey& command, Time now) {
  std::optional<Time> at = command.expires_at;
  if (command.expires_in) at = now + *command.expires_in;
  if (at && *at <= now)
    return bad_key("bad_expiry", "The key would have expired already: choose a time in the future.");
  return at;
}

}  // namespace

Result<CreatedApiKey> create_api_key(const CreateApiKey& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const std::string scopes = TRY(join_scopes(command.scopes));
  const auto expires_at = TRY(expiry_of(command, tx.now()));
  const Organization organization = TRY(find_named_organization(command.organization, tx));
  store::ApiKeys api_keys(tx);
  // Whoever counts makes the next key before anybody else counts.
  TRY(store::Organizations(tx).lock(organization.id));
  if (TRY(api_keys.count_live(organization.id)) >= live_api_keys_max)
    return fail(ErrorCode::conflict, "too_many_api_keys",
                "The organization has " + std::to_string(live_api_keys_max) +
                    " API keys, the most it may have. Revoke one that is no longer used (`paylink keys list`).");
  const auto id = ApiKeyId::create(tx.now(), tx.random());
  Secret secret = crypto::make_token(organization.id.uuid(), tx.random());
  const std::string_view text = secret.reveal();
  TRY(api_keys.insert({organization.id, id, command.name, keys.hash_token(text),
                       std::string(text.substr(text.size() - shown_end)), scopes, command.created_by, expires_at}));
  TRY(audit({AuditAction::api_key_created, command.created_by, organization.id, id.text(), scopes}, tx));
  return CreatedApiKey{id, organization.slug, std::move(secret), scopes, expires_at};
}

Result<std::vector<store::ApiKey>> list_api_keys(std::string_view organization, sql::Transaction& tx) {
  const Organization found = TRY(find_named_organization(organization, tx));
  return store::ApiKeys(tx).list(found.id, listed_keys_max);
}

Result<store::ApiKey> revoke_api_key(std::string_view organization, std::string_view key, const std::string& by,
                                     sql::Transaction& tx) {
  const Organization owner = TRY(find_named_organization(organization, tx));
  store::ApiKeys api_keys(tx);
  std::vector<store::ApiKey> meant;
  if (const auto id = ApiKeyId::parse(key)) {
    if (auto one = TRY(api_keys.find(owner.id, *id))) meant.push_back(*std::move(one));
  } else {
    meant = TRY(api_keys.find_by_end(owner.id, key, 2));
  }
  if (meant.empty())
    return fail(ErrorCode::not_found, "no_api_key",
                "There is no API key `" + std::string(key) + "`, or it is revoked already. `paylink keys list` shows " +
                    "the ids and the last four characters.");
  if (meant.size() > 1)
    return fail(ErrorCode::conflict, "several_api_keys",
                "Several API keys end in `" + std::string(key) + "`: name the one you mean by its id.");
  TRY(api_keys.revoke(owner.id, meant.front().id));
  TRY(audit({AuditAction::api_key_revoked, by, owner.id, meant.front().id.text()}, tx));
  return meant.front();
}

}  // namespace paylink::app
