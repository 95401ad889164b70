#pragma once

#include "app/lane.hpp"
#include "app/provider_connect.hpp"
#include "app/provider_grants.hpp"
#include "app/provider_keys.hpp"

// How a merchant authorizes us at the provider instead of showing a key, in three steps: his browser goes there and
// comes back, he says for what profile and mode, and confirms what he is shown (ProviderKeys::confirm).
namespace paylink::app {

// So long he may take at the provider.
inline constexpr std::chrono::minutes authorizing_life{30};

// What comes back from the provider with a browser.
struct ConnectReturn {
  std::string state;
  Secret code;        // empty when there is an error
  std::string error;  // RFC 6749, section 4.1.2.1
  UserId user;        // who is signed in there
};

// Where a browser goes on: the connection's page, by a word that is good until half an hour after it was asked for.
struct ConnectedPage {
  std::string word;
  bool was_refused = false;  // at the provider
};

// Each but `finish` fails as visit_connection, and with `decided`.
class ConnectAccount {
 public:
  ConnectAccount(Lane& lane, ProviderConnect& connect, const crypto::KeyRing& keys)
      : lane_(lane), connect_(connect), keys_(keys) {}

  // The address at the provider. It can be come back from once, by the same person; who begins again gives up what he
  // had begun.
  Task<Result<std::string>> begin(ConnectionVisitor visitor);

  // Gets the tokens, and asks whom they speak for. Fails with `outdated_authorization` (conflict) for a state that is
  // not ours, too old, used or somebody else's, and for one of a connection of which something was decided meanwhile;
  // with `provider_unavailable`, and with `authorization_failed` (invalid_input) when the provider takes its own code
  // for worth nothing.
  Task<Result<ConnectedPage>> finish(ConnectReturn back);

  // Proposes a profile of those of the account. Fails with `no_profile` (invalid_input; conflict when there is nothing
  // to choose of any more), `profile_blocked`, `other_mode` and `other_profile`.
  Task<Result<>> choose(ConnectionVisitor visitor, std::string profile_id, std::string mode);

 private:
  Task<Result<ProviderAccount>> exchange(const ProviderGrant& grant, Secret code);

  Lane& lane_;
  ProviderConnect& connect_;
  const crypto::KeyRing& keys_;
};

// What there is to choose of, while it can be.
const store::ProviderGrant* choice_of(const ConnectionView& view, Time now);

}  // namespace paylink::app
