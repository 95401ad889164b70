#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

struct SessionKind;
using SessionId = Id<SessionKind>;

// Somebody signed in, in one browser.
struct Session {
  UserId user;
  SessionId id;
  Time created_at;
  Time authenticated_at;  // when the password was last typed
  Time last_seen_at;
  Time expires_at;
  std::string user_agent;  // what the browser said of itself, cut
};

// Sessions belong to people, not to organizations. An expired one is not found.
class Sessions {
 public:
  explicit Sessions(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const Session& session, std::string_view token_hash);
  // `seen_since`: one that has been idle for longer is not found.
  Result<std::optional<Session>> find(UserId user, std::string_view token_hash, Time seen_since);
  // Nobody else ends it before the transaction does.
  Result<std::optional<Session>> lock(UserId user, SessionId id, Time seen_since);
  Result<> record_seen(UserId user, SessionId id);
  // At most `limit`, those seen last first.
  Result<std::vector<Session>> list(UserId user, Time seen_since, int limit);
  Result<> end(UserId user, SessionId id);
  Result<> end_all(UserId user);
  Result<> end_others(UserId user, SessionId kept);
  // All but so many, those seen last.
  Result<> end_oldest(UserId user, int kept);
  // Deletes at most `limit` that expired before `before`; answers how many.
  Result<int> purge(Time before, int limit);

 private:
  sql::Transaction& tx_;
};

struct FailureCount {
  std::int64_t failures;
  Time started_at;  // when the first of them was
};

// How often something was tried in vain, or may not be done more often, by a keyed hash of who tried what.
// A count that begins further ahead than its window is long was begun by a clock that has been put back since: it is
// over.
class SignInFailures {
 public:
  explicit SignInFailures(sql::Transaction& tx) : tx_(tx) {}

  // Absent when it began before `window_begin`.
  Result<std::optional<FailureCount>> find(std::string_view subject, Time window_begin);
  // Counts one more; a count that began before `window_begin` begins anew.
  Result<FailureCount> add(std::string_view subject, Time window_begin);
  // One less: what was counted turned out to be right.
  Result<> take_back(std::string_view subject);
  Result<int> purge(Time before, int limit);

 private:
  Time window_end(Time begin) const { return tx_.now() + (tx_.now() - begin); }

  sql::Transaction& tx_;
};

}  // namespace paylink::store
