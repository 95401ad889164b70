#include "app/sessions.hpp"

#include <algorithm>
#include <array>

#include "crypto/encoding.hpp"
#include "store/members.hpp"

namespace paylink::app {
namespace {

constexpr std::size_t user_size = 16, random_size = 32;
constexpr std::size_t user_agent_max = 200;
constexpr int sessions_max = 50;

// Fields of a request may hold any byte; columns of text may not.
std::string printable(std::string_view text) {
  std::string kept(text.substr(0, user_agent_max));
  std::ranges::replace_if(kept, [](char c) { return c < ' ' || c > '~'; }, '?');
  return kept;
}

Secret new_word(UserId user, Random& random_source) {
  auto random = random_source.bytes<random_size>();
  std::string bytes(user.uuid().raw());
  bytes.append(reinterpret_cast<const char*>(random.data()), random.size());
  Secret word(crypto::to_base64url(bytes));
  wipe(bytes.data(), bytes.size());
  wipe(random.data(), random.size());
  return word;
}

}  // namespace

std::optional<PresentedSession> read_session_word(std::string_view word, const crypto::KeyRing& keys) {
  const auto bytes = crypto::from_base64url(word);
  if (!bytes || bytes->size() != user_size + random_size) return std::nullopt;
  std::array<std::uint8_t, user_size> user{};
  std::transform(bytes->begin(), bytes->begin() + user_size, user.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return PresentedSession{UserId(Uuid(user)), keys.hash_token(word)};
}

Result<std::optional<SignedIn>> find_session(const PresentedSession& presented, sql::Transaction& tx) {
  auto session = TRY(store::Sessions(tx).find(presented.user, presented.hash, tx.now() - session_idle));
  if (!session) return std::optional<SignedIn>();
  auto user = TRY(store::Members(tx).find_user(presented.user));
  if (!user) return std::optional<SignedIn>();
  return std::optional(SignedIn{user->id, std::move(user->email), *std::move(session)});
}

Result<bool> is_live(const SignedIn& signed_in, sql::Transaction& tx) {
  const auto session = TRY(store::Sessions(tx).lock(signed_in.user, signed_in.session.id, tx.now() - session_idle));
  return session.has_value();
}

bool is_touch_due(const SignedIn& signed_in, Time now) {
  return signed_in.session.last_seen_at + session_seen_every <= now;
}

Result<> touch_session(const SignedIn& signed_in, sql::Transaction& tx) {
  return store::Sessions(tx).record_seen(signed_in.user, signed_in.session.id);
}

Task<Result<std::optional<SignedIn>>> recognize(std::optional<PresentedSession> presented, Lane& lane,
                                                const Clock& clock) {
  if (!presented) co_return std::optional<SignedIn>();
  const auto find = [&presented](sql::Transaction& tx) { return find_session(*presented, tx); };
  CO_TRY(signed_in, co_await lane.read(sql::Tenant::nobody(), find));
  if (signed_in && is_touch_due(*signed_in, clock.now())) {
    const auto touch = [&signed_in](sql::Transaction& tx) { return touch_session(*signed_in, tx); };
    // Where nothing can be stored, pages can still be looked at.
    [[maybe_unused]] const auto touched = co_await lane.write(sql::Tenant::nobody(), touch);
  }
  co_return std::move(signed_in);
}

Task<Result<SignedIn>> require_session(std::optional<PresentedSession> presented, Lane& lane, const Clock& clock) {
  CO_TRY(signed_in, co_await recognize(std::move(presented), lane, clock));
  if (!signed_in) co_return signed_out();
  co_return *std::move(signed_in);
}

Failure signed_out() {
  return fail(ErrorCode::unauthenticated, "signed_out", "You are not signed in any more. Sign in again.");
}

Result<NewSession> begin_session(UserId user, std::string_view user_agent, const crypto::KeyRing& keys,
                                 sql::Transaction& tx) {
  const Time now = tx.now();
  Secret word = new_word(user, tx.random());
  const auto id = store::SessionId::create(now, tx.random());
  NewSession begun{std::move(word), {user, id, now, now, now, now + session_life, printable(user_agent)}};
  TRY(store::Sessions(tx).end_oldest(user, sessions_max - 1));
  TRY(store::Sessions(tx).insert(begun.session, keys.hash_token(begun.word.reveal())));
  return begun;
}

Result<NewSession> renew_session(const SignedIn& signed_in, const crypto::KeyRing& keys, sql::Transaction& tx) {
  NewSession renewed{new_word(signed_in.user, tx.random()), signed_in.session};
  renewed.session.id = store::SessionId::create(tx.now(), tx.random());
  renewed.session.authenticated_at = renewed.session.last_seen_at = tx.now();
  TRY(end_session(signed_in, tx));
  TRY(store::Sessions(tx).insert(renewed.session, keys.hash_token(renewed.word.reveal())));
  return renewed;
}

Result<> end_session(const SignedIn& signed_in, sql::Transaction& tx) {
  return store::Sessions(tx).end(signed_in.user, signed_in.session.id);
}

Result<> end_other_sessions(const store::Session& kept, sql::Transaction& tx) {
  return store::Sessions(tx).end_others(kept.user, kept.id);
}

Result<> end_all_sessions(UserId user, sql::Transaction& tx) { return store::Sessions(tx).end_all(user); }

Result<std::vector<store::Session>> list_sessions(UserId user, sql::Transaction& tx) {
  return store::Sessions(tx).list(user, tx.now() - session_idle, sessions_max);
}

}  // namespace paylink::app
