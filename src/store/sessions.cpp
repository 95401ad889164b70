#include "store/sessions.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_session = R"sql(
  INSERT INTO sessions (user_id, id, token_hash, created_at, authenticated_at, last_seen_at, expires_at, user_agent)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)sql";

constexpr std::string_view select_session = R"sql(
  SELECT user_id, id, created_at, authenticated_at, last_seen_at, expires_at, user_agent FROM sessions
  WHERE user_id = $1 AND token_hash = $2 AND expires_at > $3 AND last_seen_at >= $4
)sql";

constexpr std::string_view select_session_by_id = R"sql(
  SELECT user_id, id, created_at, authenticated_at, last_seen_at, expires_at, user_agent FROM sessions
  WHERE user_id = $1 AND id = $2 AND expires_at > $3 AND last_seen_at >= $4
)sql";

constexpr std::string_view update_last_seen = "UPDATE sessions SET last_seen_at = $3 WHERE user_id = $1 AND id = $2";

constexpr std::string_view select_sessions = R"sql(
  SELECT user_id, id, created_at, authenticated_at, last_seen_at, expires_at, user_agent FROM sessions
  WHERE user_id = $1 AND expires_at > $2 AND last_seen_at >= $3 ORDER BY last_seen_at DESC, id LIMIT $4
)sql";

constexpr std::string_view delete_session = "DELETE FROM sessions WHERE user_id = $1 AND id = $2";

constexpr std::string_view delete_sessions = "DELETE FROM sessions WHERE user_id = $1";

constexpr std::string_view delete_other_sessions = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";

constexpr std::string_view delete_oldest_sessions = R"sql(
  DELETE FROM sessions WHERE user_id = $1 AND id NOT IN (
    SELECT id FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id DESC LIMIT $2)
)sql";

constexpr std::string_view purge_sessions = R"sql(
  DELETE FROM sessions WHERE (user_id, id) IN (
    SELECT user_id, id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING 1
)sql";

constexpr std::string_view count_failure = R"sql(
  INSERT INTO sign_in_failures (subject, failures, started_at) VALUES ($1, 1, $2)
  ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN sign_in_failures.started_at BETWEEN $3 AND $4 THEN sign_in_failures.failures + 1 ELSE 1 END,
    started_at = CASE WHEN sign_in_failures.started_at BETWEEN $3 AND $4 THEN sign_in_failures.started_at ELSE $2 END
  RETURNING failures, started_at
)sql";

constexpr std::string_view select_failures =
    "SELECT failures, started_at FROM sign_in_failures WHERE subject = $1 AND started_at BETWEEN $2 AND $3";

constexpr std::string_view uncount_failure =
    "UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = $1 AND failures > 0";

constexpr std::string_view purge_failures = R"sql(
  DELETE FROM sign_in_failures WHERE subject IN (
    SELECT subject FROM sign_in_failures WHERE started_at < $1 ORDER BY started_at LIMIT $2) RETURNING 1
)sql";

Session read_session(const sql::Rows::Row& row) {
  return {row.id<UserId>(0), row.id<SessionId>(1),    row.time(2), row.time(3), row.time(4),
          row.time(5),       std::string(row.text(6))};
}

std::optional<Session> first_session(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_session(rows.front());
}

}  // namespace

Result<> Sessions::insert(const Session& session, std::string_view token_hash) {
  return tx_.defer(insert_session,
                   {session.user, session.id, sql::Blob{token_hash}, session.created_at, session.authenticated_at,
                    session.last_seen_at, session.expires_at, session.user_agent});
}

Result<std::optional<Session>> Sessions::find(UserId user, std::string_view token_hash, Time seen_since) {
  return first_session(TRY(tx_.query(select_session, {user, sql::Blob{token_hash}, tx_.now(), seen_since})));
}

Result<std::optional<Session>> Sessions::lock(UserId user, SessionId id, Time seen_since) {
  return first_session(TRY(tx_.lock(select_session_by_id, {user, id, tx_.now(), seen_since})));
}

Result<> Sessions::record_seen(UserId user, SessionId id) { return tx_.defer(update_last_seen, {user, id, tx_.now()}); }

Result<std::vector<Session>> Sessions::list(UserId user, Time seen_since, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_sessions, {user, tx_.now(), seen_since, limit}));
  std::vector<Session> sessions;
  for (std::size_t i = 0; i < rows.size(); ++i) sessions.push_back(read_session(rows[i]));
  return sessions;
}

Result<> Sessions::end(UserId user, SessionId id) { return tx_.defer(delete_session, {user, id}); }

Result<> Sessions::end_all(UserId user) { return tx_.defer(delete_sessions, {user}); }

Result<> Sessions::end_others(UserId user, SessionId kept) { return tx_.defer(delete_other_sessions, {user, kept}); }

Result<> Sessions::end_oldest(UserId user, int kept) { return tx_.defer(delete_oldest_sessions, {user, kept}); }

Result<int> Sessions::purge(Time before, int limit) {
  return static_cast<int>(TRY(tx_.query(purge_sessions, {before, limit})).size());
}

Result<std::optional<FailureCount>> SignInFailures::find(std::string_view subject, Time window_begin) {
  const sql::Rows rows = TRY(tx_.query(select_failures, {sql::Blob{subject}, window_begin, window_end(window_begin)}));
  if (rows.empty()) return std::optional<FailureCount>();
  return std::optional(FailureCount{rows.front().integer(0), rows.front().time(1)});
}

Result<FailureCount> SignInFailures::add(std::string_view subject, Time window_begin) {
  const sql::Rows rows =
      TRY(tx_.query(count_failure, {sql::Blob{subject}, tx_.now(), window_begin, window_end(window_begin)}));
  return FailureCount{rows.front().integer(0), rows.front().time(1)};
}

Result<> SignInFailures::take_back(std::string_view subject) {
  return tx_.defer(uncount_failure, {sql::Blob{subject}});
}

Result<int> SignInFailures::purge(Time before, int limit) {
  return static_cast<int>(TRY(tx_.query(purge_failures, {before, limit})).size());
}

}  // namespace paylink::store
