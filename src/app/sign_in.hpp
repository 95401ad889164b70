#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/lane.hpp"
#include "app/passwords.hpp"
#include "app/sessions.hpp"
#include "base/secret.hpp"
#include "crypto/keyring.hpp"
#include "store/members.hpp"

namespace paylink::app {

// Wrong passwords, within 15 minutes: of one account from one network, and of whatever accounts from one network.
// Whoever comes from another network is never affected, so nobody can lock others out.
inline constexpr std::chrono::minutes passwords_window{15};
inline constexpr int wrong_passwords_of_account_max = 10;
inline constexpr int wrong_passwords_of_network_max = 100;

// Right ones cost as much, and an entry in the audit log: so many of one account from wherever, which only those who
// know the password can reach. After that a network may have some more of its own, lest whoever found the password out
// locks its owner out elsewhere; and nobody else learns by a refusal that there is such an account.
inline constexpr int right_passwords_of_account_max = 60;
inline constexpr int right_passwords_of_network_max = 10;

// What a try counts for: the client's own network, and those around it of which he may own more.
struct CountedNetwork {
  std::string name;  // one text for each network, which people can read in the log
  int share = 1;     // how many times the limits it may have
};

// Somebody who says who he is.
struct Claim {
  std::string email;  // as typed
  Secret password;
  std::vector<CountedNetwork> networks;  // the client's own first, the widest last
};

// Whatever asks for a password. A try is counted, in the database, before its password is hashed, and taken back when
// it was right: tries at the same time are not more than tries one after the other, on whichever node. Too many are
// refused before anything is hashed. An unknown address costs the same, and ends the same, as a wrong password. Each
// wrong one is in the log: whose it was, if anybody's, and where from.
//
// Each fails with `wrong_password` (unauthenticated), with `too_many_attempts` (rate_limited; says when the next one
// is worth it), or as app::Passwords and lanes do.
class SignIn {
 public:
  SignIn(Lane& lane, Passwords& passwords, const crypto::KeyRing& keys)
      : lane_(lane), passwords_(passwords), keys_(keys) {}

  // In a browser where somebody was signed in that session ends.
  struct Browser {
    std::string user_agent;
    std::optional<PresentedSession> presented{};
  };
  Task<Result<NewSession>> sign_in(Claim claim, Browser browser);

  // The password once more, for what is not to be done by whoever finds the browser open. The session goes on under
  // another word (app::renew_session), here and in the next. Fails with `signed_out` (unauthenticated) too, when the
  // session has ended meanwhile; so does the next.
  Task<Result<NewSession>> authenticate_again(SignedIn signed_in, Secret password,
                                              std::vector<CountedNetwork> networks);

  // Ends all other sessions of the same person. `chosen` is without fault (domain/new_password.hpp).
  struct ChangePassword {
    Secret current;
    Secret chosen;
  };
  Task<Result<NewSession>> change_password(SignedIn signed_in, ChangePassword change,
                                           std::vector<CountedNetwork> networks);

 private:
  // A password that was right, and what has to hold when something is done because of it.
  struct Proof {
    store::User user;
    std::string renewed_hash{};               // empty: the stored one is up to date
    std::vector<std::string> subjects;        // what it has been counted for as a wrong one
    std::vector<std::string> right_subjects;  // what it counts for as a right one
    std::string network;
  };

  Task<Result<Proof>> prove(Claim claim);
  Task<void> take_back(const std::vector<std::string>& subjects);
  static Result<> accept(const Proof& proof, sql::Transaction& tx);
  Result<NewSession> accept_again(const Proof& proof, const SignedIn& signed_in, sql::Transaction& tx) const;

  Lane& lane_;
  Passwords& passwords_;
  const crypto::KeyRing& keys_;
};

}  // namespace paylink::app
