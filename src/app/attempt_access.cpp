#include "app/attempt_access.hpp"

#include "app/provider_grants.hpp"

namespace paylink::app {

Result<store::Connection> connection_for(const Attempt& attempt, sql::Transaction& tx) {
  store::Connections connections(tx);
  store::Connection begun = TRY(connections.find(attempt.organization, attempt.connection));
  if (begun.status == ConnectionStatus::enabled) return begun;
  auto now = TRY(connections.enabled(attempt.organization));
  const bool is_same = now && !begun.profile_id.empty() && now->provider == begun.provider &&
                       now->profile_id == begun.profile_id && now->mode == begun.mode;
  return is_same ? *std::move(now) : std::move(begun);
}

Result<bool> can_speak(const store::Connection& connection, sql::Transaction& tx) {
  if (!connection.grant) return !connection.api_key_sealed.empty();
  const auto grant = TRY(store::ProviderGrants(tx).find(connection.organization, *connection.grant));
  return has_tokens(grant);
}

}  // namespace paylink::app
