#pragma once

#include "app/connections.hpp"
#include "app/lane.hpp"
#include "app/payment_provider.hpp"

// How a merchant's key of the provider comes in, in two steps: he shows it, and confirms that this is who shall be
// paid.
namespace paylink::app {

// So long a key that was shown can be confirmed. Kept sealed, it is forgotten afterwards.
inline constexpr std::chrono::minutes proposed_key_life{10};

// Somebody who is signed in, at the page that a word leads to.
struct ConnectionVisitor {
  ConnectionWord word;
  UserId user;
};

// What he sees there. Fails with `not_found`, the same for a connection that is nobody's and for one of an organization
// that he does not belong to; and with `not_administrator` (forbidden) unless he is an owner or admin of it.
Result<ConnectionView> visit_connection(const ConnectionVisitor& visitor, sql::Transaction& tx);

// For whoever changes something there. The connection, held until the transaction ends, so that of two decisions the
// second finds the first. Fails as visit_connection, and with `decided`.
Result<Connection> lock_undecided(const ConnectionVisitor& visitor, sql::Transaction& tx);
// Fails with `decided`, and for a connection that is in use with `other_mode` and `other_profile`: what is under way
// could not be asked about.
Result<> fits(const Connection& connection, std::string_view mode, const ProviderProfile& profile);
Failure bad_key(std::string reason);
// In the log, with who has done it.
void tell_decision(std::string_view what, const ConnectionVisitor& visitor);

// The proposal of the view that can still be confirmed.
const store::ProposedKey* proposal_of(const ConnectionView& view, Time now);

// Each fails as visit_connection, and with `decided` (conflict) when the word can decide nothing any more.
class ProviderKeys {
 public:
  ProviderKeys(Lane& lane, PaymentProvider& provider, const crypto::KeyRing& keys)
      : lane_(lane), provider_(provider), keys_(keys) {}

  // Asks the provider whose key it is. Takes the place of what was proposed before. Fails with what is wrong with it
  // (invalid_input): `no_api_key` (not of the form of one), `key_refused`, `profile_blocked`; and, for a connection
  // that has one, `other_mode` and `other_profile`: what is under way could not be asked about with it. Fails with
  // `provider_unavailable` while the provider does not say.
  Task<Result<>> propose(ConnectionVisitor visitor, Secret key);

  // What was proposed at that moment is the key from now on, and the connection enabled. Fails with `outdated_proposal`
  // (conflict) when there is another one, or none any more.
  Task<Result<>> confirm(ConnectionVisitor visitor, Time proposed_at);

  // Forgets what was proposed; when nothing was, what the provider has been authorized for.
  Task<Result<>> discard(ConnectionVisitor visitor);

  // Ends the connection: of a pending one that it shall be none, of an enabled one that it takes payments. Nothing
  // happens to one that has ended.
  Task<Result<>> disconnect(ConnectionVisitor visitor);

 private:
  Lane& lane_;
  PaymentProvider& provider_;
  const crypto::KeyRing& keys_;
};

}  // namespace paylink::app
