#pragma once

#include <atomic>

#include "app/lane.hpp"
#include "app/provider_connect.hpp"
#include "app/provider_grants.hpp"

namespace paylink::app {

// The life of what merchants have allowed us at the provider, once they have: tokens are renewed well before they
// expire, accounts that the provider has yet to let be paid are asked about, and what has ended is revoked. Two that
// renew one grant's tokens at the same moment, on whichever nodes, do it once: the second takes what the first has got,
// or fails while it is under way. A provider that does not answer changes nothing, and is asked again later. One that
// says that a grant is worth nothing any more ends the connection, with its event and an alert for the operator.
class TokenRenewal {
 public:
  TokenRenewal(Lane& lane, ProviderConnect& connect, const crypto::KeyRing& keys)
      : lane_(lane), connect_(connect), keys_(keys) {}

  // For an access whose token was refused: one with a token issued since, or now. Fails with `provider_refuses_key`
  // when there is none any more, or when it was refused as soon as it was issued, and with `provider_unavailable`.
  Task<Result<ProviderAccess>> renew(GrantedAccess refused);

  // Deals with at most `limit` grants whose time has come; the number of those.
  Task<Result<int>> look_after(int limit);
  void stop() { stopping_ = true; }

 private:
  struct Begun;
  Result<Begun> begin(const GrantedAccess& refused, sql::Transaction& tx) const;
  Task<Result<>> look_after(ProviderGrant grant);
  Task<Result<>> renew_in_time(ProviderGrant grant);
  Task<Result<>> ask_about_account(ProviderGrant grant);
  Task<Result<>> revoke(ProviderGrant grant);

  Lane& lane_;
  ProviderConnect& connect_;
  const crypto::KeyRing& keys_;
  std::atomic<bool> stopping_{false};
};

// Whoever was renewing tokens is gone: for a process that is alone on its database, when it starts.
Result<> end_renewal_leases(sql::Transaction& tx);

}  // namespace paylink::app
