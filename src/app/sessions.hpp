#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/lane.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "crypto/keyring.hpp"
#include "domain/organization.hpp"
#include "store/sessions.hpp"

// Somebody signed in, in one browser. A session ends when it is told to, 12 hours after it began, and after an hour in
// which nothing was asked for.
namespace paylink::app {

inline constexpr std::chrono::hours session_life{12};
inline constexpr std::chrono::hours session_idle{1};
inline constexpr std::chrono::minutes session_seen_every{1};  // how exactly it is known when it was last seen

// What a browser presents, not yet believed.
struct PresentedSession {
  UserId user;       // read out of the word itself: nothing is looked up without it
  std::string hash;  // keyed: what is stored of the word, and what the forms of its pages are bound to
};

// A session's word: 64 characters of base64url, the user's id and 256 random bits. Absent for any other text.
std::optional<PresentedSession> read_session_word(std::string_view word, const crypto::KeyRing& keys);

struct SignedIn {
  UserId user;
  std::string email;
  store::Session session;
};

// Absent: unknown, ended, expired and idle for too long look the same.
Result<std::optional<SignedIn>> find_session(const PresentedSession& presented, sql::Transaction& tx);

// Whether the session has not ended since it was found. Nobody else ends it before the transaction does.
Result<bool> is_live(const SignedIn& signed_in, sql::Transaction& tx);

// Whether it is time to store that the session is in use.
bool is_touch_due(const SignedIn& signed_in, Time now);
Result<> touch_session(const SignedIn& signed_in, sql::Transaction& tx);

// Who is signed in there, if anybody; stores that the session is in use when it is time to. For pages.
Task<Result<std::optional<SignedIn>>> recognize(std::optional<PresentedSession> presented, Lane& lane,
                                                const Clock& clock);
// The same for pages that need somebody. Fails with `signed_out` (unauthenticated) too.
Task<Result<SignedIn>> require_session(std::optional<PresentedSession> presented, Lane& lane, const Clock& clock);
Failure signed_out();

struct NewSession {
  Secret word;
  store::Session session;
};

// `user_agent` is what the browser says of itself: of it 200 printable characters are kept. Of more than 50 sessions of
// one person those end that have not been seen for longest.
Result<NewSession> begin_session(UserId user, std::string_view user_agent, const crypto::KeyRing& keys,
                                 sql::Transaction& tx);

// The same session, not longer than before, under another word, as the password was typed now: whoever has come by the
// old word has nothing any more. It must be live.
Result<NewSession> renew_session(const SignedIn& signed_in, const crypto::KeyRing& keys, sql::Transaction& tx);

Result<> end_session(const SignedIn& signed_in, sql::Transaction& tx);
Result<> end_other_sessions(const store::Session& kept, sql::Transaction& tx);
Result<> end_all_sessions(UserId user, sql::Transaction& tx);

// Those that are good now, the last seen first.
Result<std::vector<store::Session>> list_sessions(UserId user, sql::Transaction& tx);

}  // namespace paylink::app
