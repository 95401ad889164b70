#include "app/connect_account.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "crypto/encoding.hpp"

namespace paylink::app {
namespace {

constexpr std::size_t state_size = 2 * Uuid::size, state_mac_size = 32;
// Whoever crashes between taking a code and keeping what it was worth leaves a row that nobody comes back to.
constexpr std::chrono::minutes taking_life{10};

struct State {
  OrganizationId organization;
  ProviderGrantId grant;
};

std::string sign_state(std::string_view head, const crypto::KeyRing& keys) {
  return keys.sign_form("provider_state|" + std::string(head));
}

std::string make_state(const ProviderGrant& grant, const crypto::KeyRing& keys) {
  std::string head(grant.organization.uuid().raw());
  head.append(grant.id.uuid().raw());
  return crypto::to_base64url(head + sign_state(head, keys));
}

std::optional<State> read_state(std::string_view text, const crypto::KeyRing& keys) {
  const auto bytes = crypto::from_base64url(text);
  if (!bytes || bytes->size() != state_size + state_mac_size) return std::nullopt;
  const std::string_view head = std::string_view(*bytes).substr(0, state_size);
  if (!equal_constant_time(sign_state(head, keys), std::string_view(*bytes).substr(state_size))) return std::nullopt;
  return State{OrganizationId(Uuid::of_bytes(head)), ProviderGrantId(Uuid::of_bytes(head.substr(Uuid::size)))};
}

Failure outdated_authorization() {
  return fail(ErrorCode::conflict, "outdated_authorization", "This authorization was not begun here, or is over.");
}

Failure silent(const Error& error) {
  LOG(warn, "provider_silent", {"about", "authorization"}, {"reason", error.reason}, {"detail", error.detail});
  return fail(ErrorCode::unavailable, "provider_unavailable",
              "The payment provider does not answer at the moment. Try again.", error.detail);
}

ConnectionVisitor visitor_of(const ProviderGrant& grant) {
  return {{grant.organization, grant.connection, grant.revision, ConnectionUse::decide}, grant.user};
}

// Exactly one browser gets past this, and only that of who has asked, while nothing was decided.
Result<ProviderGrant> take(const State& state, UserId user, sql::Transaction& tx) {
  store::ProviderGrants grants(tx);
  auto seen = grants.find(state.organization, state.grant);
  if (!seen && seen.error().code == ErrorCode::not_found) return outdated_authorization();
  if (!seen) return seen;
  const auto connection = lock_undecided(visitor_of(*seen), tx);
  if (!connection && connection.error().code != ErrorCode::unavailable) return outdated_authorization();
  if (!connection) return Failure{connection.error()};
  ProviderGrant grant = TRY(grants.find_for_update(state.organization, state.grant));
  const bool is_in_time = tx.now() < grant.created_at + authorizing_life;
  if (grant.state != ProviderGrantState::asked || grant.user != user || !is_in_time) return outdated_authorization();
  grant.state = ProviderGrantState::taken;
  grant.state_at = tx.now();
  grant.due_at = tx.now() + taking_life;
  TRY(grants.update(grant));
  return grant;
}

}  // namespace

const store::ProviderGrant* choice_of(const ConnectionView& view, Time now) {
  const auto& given = view.given;
  const bool is_there = given && given->due_at && *given->due_at > now && given->revision == view.connection.revision;
  return view.can_decide && is_there ? &*given : nullptr;
}

Task<Result<std::string>> ConnectAccount::begin(ConnectionVisitor visitor) {
  const auto ask = [&](sql::Transaction& tx) -> Result<std::string> {
    const Connection connection = TRY(lock_undecided(visitor, tx));
    if (connection.status == ConnectionStatus::disabled)
      return fail(ErrorCode::conflict, "decided", "This connection is disabled. Begin a new one.");
    store::ProviderGrants grants(tx);
    TRY(grants.forget_asked(connection.organization, connection.id));
    const ProviderGrant grant{.organization = connection.organization,
                              .id = ProviderGrantId::create(tx.now(), tx.random()),
                              .connection = connection.id,
                              .user = visitor.user,
                              .revision = connection.revision,
                              .created_at = tx.now(),
                              .state_at = tx.now(),
                              .due_at = tx.now() + authorizing_life};
    TRY(grants.insert(grant));
    return make_state(grant, keys_);
  };
  CO_TRY(state, co_await lane_.write(visitor.word.organization, ask));
  tell_decision("authorization_asked", visitor);
  co_return connect_.authorize_url(state);
}

// The tokens are kept before anything else is asked: what cannot be told of then is revoked, and not forgotten.
Task<Result<ProviderAccount>> ConnectAccount::exchange(const ProviderGrant& taken, Secret code) {
  auto tokens = co_await connect_.exchange(std::move(code));
  if (!tokens) co_return std::move(tokens).failure();
  const auto keep = [&](sql::Transaction& tx) -> Result<> {
    ProviderGrant grant = TRY(store::ProviderGrants(tx).find_for_update(taken.organization, taken.id));
    keep_tokens(grant, *tokens, connect_.client_id(), keys_, tx);
    return store::ProviderGrants(tx).update(grant);
  };
  CO_CHECK(co_await lane_.write(taken.organization, keep));
  auto account = co_await connect_.account(tokens->access);
  co_return account;
}

Task<Result<ConnectedPage>> ConnectAccount::finish(ConnectReturn back) {
  const auto state = read_state(back.state, keys_);
  if (!state) co_return outdated_authorization();
  const auto first_step = [&](sql::Transaction& tx) { return take(*state, back.user, tx); };
  CO_TRY(taken, co_await lane_.write(state->organization, first_step));
  const ConnectionVisitor visitor = visitor_of(taken);
  auto account = Result<ProviderAccount>(fail(ErrorCode::forbidden, "refused", {}));
  if (back.error.empty() && !back.code.reveal().empty()) account = co_await exchange(taken, back.code);
  const auto last_step = [&](sql::Transaction& tx) -> Result<std::string> {
    const auto undecided = lock_undecided(visitor, tx);
    const auto connection = TRY(store::Connections(tx).find(taken.organization, taken.connection));
    store::ProviderGrants grants(tx);
    ProviderGrant grant = TRY(grants.find_for_update(taken.organization, taken.id));
    const auto word = make_connection_word(connection, ConnectionUse::decide, keys_, taken.created_at);
    if (grant.tokens == 0) {
      TRY(grants.remove(grant.organization, grant.id));
      return word;
    }
    grant.state = ProviderGrantState::given;
    grant.state_at = tx.now();
    grant.due_at = tx.now() + proposed_key_life;
    if (account) {
      grant.account_name = account->name;
      grant.is_account_complete = account->is_complete;
      grant.profiles = write_profiles(account->profiles);
    }
    TRY(grants.update(grant));
    if (undecided && account) return word;
    TRY(replace_grant(grant.organization, grant.id, connection.grant ? Successor::grant : Successor::key, tx));
    return word;
  };
  CO_TRY(word, co_await lane_.write(taken.organization, last_step));
  if (account) tell_decision("authorization_given", visitor);
  if (!account && account.error().reason == "refused") {
    LOG(info, "connection", {"what", "authorization_refused"}, {"connection", taken.connection.text()},
        {"error", back.error});
    co_return ConnectedPage{std::move(word), true};
  }
  if (!account && account.error().code == ErrorCode::unavailable) co_return silent(account.error());
  if (!account) {
    LOG(error, "authorization_failed", {"reason", account.error().reason}, {"detail", account.error().detail});
    co_return fail(ErrorCode::invalid_input, "authorization_failed", "The payment provider gave no access.");
  }
  co_return ConnectedPage{std::move(word)};
}

Task<Result<>> ConnectAccount::choose(ConnectionVisitor visitor, std::string profile_id, std::string mode) {
  const auto propose = [&](sql::Transaction& tx) -> Result<> {
    Connection connection = TRY(lock_undecided(visitor, tx));
    store::ProviderGrants grants(tx);
    auto grant = TRY(grants.latest(connection.organization, connection.id, ProviderGrantState::given));
    if (!grant || !grant->due_at || *grant->due_at <= tx.now())
      return fail(ErrorCode::conflict, "outdated_proposal", "There is nothing to choose of any more.");
    const auto profiles = TRY(read_profiles(grant->profiles));
    const auto chosen = std::ranges::find(profiles, profile_id, &ProviderProfile::id);
    if (chosen == profiles.end() || (mode != "test" && mode != "live")) return bad_key("no_profile");
    if (chosen->is_blocked) return bad_key("profile_blocked");
    TRY(fits(connection, mode, *chosen));
    connection.proposed = store::ProposedKey{{}, mode, chosen->id, chosen->name, tx.now(), grant->id};
    TRY(store::Connections(tx).update(connection));
    // It outlives its proposal, which may be taken back for another one.
    grant->due_at = tx.now() + 2 * proposed_key_life;
    return grants.update(*grant);
  };
  CO_CHECK(co_await lane_.write(visitor.word.organization, propose));
  tell_decision("profile_proposed", visitor);
  co_return Result<>();
}

}  // namespace paylink::app
