#include "app/provider_grants.hpp"

#include "app/install.hpp"
#include "json/document.hpp"
#include "json/writer.hpp"

namespace paylink::app {
namespace {

// Until it is first looked after: its token may be as old as the merchant took to decide, which is minutes.
constexpr std::chrono::minutes confirmed_wait{1};

std::string seal_of(const ProviderGrant& grant, std::string_view what) {
  return "provider_grants|" + grant.organization.text() + "|" + grant.id.text() + "|" + std::string(what);
}

}  // namespace

std::string access_token_seal(const ProviderGrant& grant) { return seal_of(grant, "access_token"); }
std::string refresh_token_seal(const ProviderGrant& grant) { return seal_of(grant, "refresh_token"); }

Result<ProviderAccess> access_of(const store::Connection& connection, const ProviderGrant& grant,
                                 const crypto::KeyRing& keys) {
  Secret token;
  if (!grant.access_token_sealed.empty()) token = TRY(keys.open(grant.access_token_sealed, access_token_seal(grant)));
  return ProviderAccess{std::move(token), GrantedAccess{grant.organization, grant.id, grant.tokens,
                                                        connection.profile_id, connection.mode == "test"}};
}

Result<ProviderAccess> access_of(const store::Connection& connection, const crypto::KeyRing& keys,
                                 sql::Transaction& tx) {
  if (connection.grant) {
    const auto grant = TRY(store::ProviderGrants(tx).find(connection.organization, *connection.grant));
    return access_of(connection, grant, keys);
  }
  return ProviderAccess{
      TRY(keys.open(connection.api_key_sealed, connection_seal(connection.organization, connection.id)))};
}

std::chrono::microseconds jitter(std::chrono::microseconds most, Random& random) {
  return std::chrono::microseconds(random.number() % static_cast<std::uint64_t>(most.count() + 1));
}

bool has_tokens(const ProviderGrant& grant) { return !grant.refresh_token_sealed.empty(); }

void let_go(ProviderGrant& grant, Time now) {
  grant.state = ProviderGrantState::gone;
  grant.state_at = now;
  grant.access_token_sealed.clear();
  grant.refresh_token_sealed.clear();
  grant.lease_until.reset();
  grant.due_at.reset();
}

void keep_tokens(ProviderGrant& grant, const ProviderTokens& tokens, std::string_view client_id,
                 const crypto::KeyRing& keys, sql::Transaction& tx) {
  grant.access_token_sealed = keys.seal(tokens.access, access_token_seal(grant), tx.random());
  grant.refresh_token_sealed = keys.seal(tokens.refresh, refresh_token_seal(grant), tx.random());
  grant.client_id = client_id;
  ++grant.tokens;
  grant.issued_at = tx.now();
  grant.lease_until.reset();
  grant.tries = 0;
  // A quarter of its life is left for a provider that is silent.
  if (grant.state == ProviderGrantState::used)
    grant.due_at = tx.now() + tokens.life * 2 / 3 + jitter(tokens.life / 12, tx.random());
}

Result<> end_grants(OrganizationId organization, ConnectionId connection, sql::Transaction& tx) {
  return store::ProviderGrants(tx).end_all(organization, connection);
}

Result<> replace_grant(OrganizationId organization, ProviderGrantId id, Successor successor, sql::Transaction& tx) {
  store::ProviderGrants grants(tx);
  ProviderGrant grant = TRY(grants.find_for_update(organization, id));
  if (!has_tokens(grant)) return {};
  if (successor == Successor::grant) {
    let_go(grant, tx.now());
  } else {
    grant.state = ProviderGrantState::ended;
    grant.state_at = tx.now();
    grant.due_at = tx.now();
    grant.tries = 0;
  }
  return grants.update(grant);
}

Result<> confirm_grant(OrganizationId organization, ProviderGrantId id, ProviderGrantState state,
                       sql::Transaction& tx) {
  store::ProviderGrants grants(tx);
  ProviderGrant grant = TRY(grants.find_for_update(organization, id));
  grant.state = state;
  grant.state_at = tx.now();
  grant.due_at = tx.now() + confirmed_wait;
  grant.tries = 0;
  return grants.update(grant);
}

std::string write_profiles(const std::vector<ProviderProfile>& profiles) {
  std::string text;
  json::Writer json(text);
  json.begin_array();
  for (const ProviderProfile& profile : profiles) {
    json.begin_object().text("id", profile.id).text("name", profile.name);
    json.boolean("is_blocked", profile.is_blocked).end_object();
  }
  json.end_array();
  return text;
}

Result<std::vector<ProviderProfile>> read_profiles(std::string_view text) {
  const auto damaged = [] {
    return fail(ErrorCode::internal, "damaged_profiles", "The stored profiles of an account are damaged.");
  };
  const auto document = json::Document::parse(text);
  if (!document || document->root().type() != json::Type::array) return damaged();
  std::vector<ProviderProfile> profiles;
  for (const auto entry : document->root().children()) {
    const auto id = json::member(entry, "id", json::Type::text), name = json::member(entry, "name", json::Type::text);
    const auto is_blocked = json::member(entry, "is_blocked", json::Type::boolean);
    if (!id || !name || !is_blocked) return damaged();
    profiles.push_back({std::string(id->text()), std::string(name->text()), is_blocked->boolean()});
  }
  return profiles;
}

}  // namespace paylink::app
