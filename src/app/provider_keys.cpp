#include "app/provider_keys.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "app/provider_grants.hpp"
#include "base/log.hpp"
#include "store/members.hpp"

namespace paylink::app {
namespace {

constexpr std::size_t key_letters_min = 16, key_letters_max = 128;

// "test" or "live" of an API key of the form that Mollie's have; absent for anything else, such as an access token.
std::optional<std::string_view> mode_of(std::string_view key) {
  const std::string_view mode = key.substr(0, 4);
  if ((mode != "test" && mode != "live") || key.substr(4, 1) != "_") return std::nullopt;
  const std::string_view rest = key.substr(5);
  const bool is_word = std::ranges::all_of(
      rest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
  if (!is_word || rest.size() < key_letters_min || rest.size() > key_letters_max) return std::nullopt;
  return mode;
}

// It opens as nothing else: what was only shown never pays anybody.
std::string proposal_seal(const Connection& connection) {
  return "connections|" + connection.organization.text() + "|" + connection.id.text() + "|proposed_key";
}

Failure outdated() {
  return fail(ErrorCode::conflict, "outdated_proposal", "The key that was shown is not the latest any more.");
}

Failure not_found() { return fail(ErrorCode::not_found, "not_found", "There is nothing at this address."); }

// What was proposed, as it is used from now on.
Result<ProviderKey> key_of(const Connection& connection, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const store::ProposedKey& proposed = *connection.proposed;
  ProviderKey key{{}, proposed.mode, proposed.profile_id, proposed.profile_name};
  if (!proposed.grant) {
    key.key = TRY(keys.open(proposed.api_key_sealed, proposal_seal(connection)));
    return key;
  }
  const auto grant = TRY(store::ProviderGrants(tx).find(connection.organization, *proposed.grant));
  if (grant.state != ProviderGrantState::given) return outdated();
  key.grant = grant.id;
  key.account_name = grant.account_name;
  key.is_account_complete = grant.is_account_complete;
  return key;
}

// "live pfl_…, by an authorization": who is paid from now on.
std::string said_of(const ProviderKey& key) {
  return key.mode + " " + key.profile_id + (key.grant ? ", by an authorization" : ", by an API key");
}

// What was allowed us a moment ago, and shall be of no use.
Result<> discard_given(const Connection& connection, sql::Transaction& tx) {
  const auto given =
      TRY(store::ProviderGrants(tx).latest(connection.organization, connection.id, ProviderGrantState::given));
  if (!given) return {};
  return replace_grant(given->organization, given->id, connection.grant ? Successor::grant : Successor::key, tx);
}

}  // namespace

Failure bad_key(std::string reason) {
  return fail(ErrorCode::invalid_input, std::move(reason), "This key cannot be used.");
}

// Held until the transaction ends, so that of two decisions the second finds the first.
Result<Connection> lock_undecided(const ConnectionVisitor& visitor, sql::Transaction& tx) {
  Connection connection =
      TRY(store::Connections(tx).find_for_update(visitor.word.organization, visitor.word.connection));
  const auto view = TRY(visit_connection(visitor, tx));
  if (!view.can_decide)
    return fail(ErrorCode::conflict, "decided", "Something was decided meanwhile. Ask for the connection again.");
  return connection;
}

Result<> fits(const Connection& connection, std::string_view mode, const ProviderProfile& profile) {
  if (connection.status == ConnectionStatus::disabled)
    return fail(ErrorCode::conflict, "decided", "This connection is disabled. Begin a new one.");
  if (connection.status != ConnectionStatus::enabled) return {};
  if (connection.mode != mode) return bad_key("other_mode");
  if (!connection.profile_id.empty() && connection.profile_id != profile.id) return bad_key("other_profile");
  return {};
}

void tell_decision(std::string_view what, const ConnectionVisitor& visitor) {
  LOG(info, "connection", {"what", what}, {"organization", visitor.word.organization.text()},
      {"connection", visitor.word.connection.text()}, {"by", visitor.user.text()});
}

Result<ConnectionView> visit_connection(const ConnectionVisitor& visitor, sql::Transaction& tx) {
  const auto membership = TRY(store::Members(tx).find(visitor.word.organization, visitor.user));
  if (!membership) return not_found();
  auto view = TRY(view_connection(visitor.word, tx));
  if (!role_administers(membership->role))
    return fail(ErrorCode::forbidden, "not_administrator",
                "Only owners and admins of the organization may say who is paid.");
  return view;
}

const store::ProposedKey* proposal_of(const ConnectionView& view, Time now) {
  const auto& proposed = view.connection.proposed;
  return view.can_decide && proposed && proposed->at > now - proposed_key_life ? &*proposed : nullptr;
}

Task<Result<>> ProviderKeys::propose(ConnectionVisitor visitor, Secret key) {
  const auto mode = mode_of(key.reveal());
  if (!mode) co_return bad_key("no_api_key");
  const auto look = [&](sql::Transaction& tx) { return visit_connection(visitor, tx); };
  CO_TRY(view, co_await lane_.read(visitor.word.organization, look));
  if (!view.can_decide) co_return fail(ErrorCode::conflict, "decided", "Something was decided meanwhile.");
  const ProviderAccess access{key};
  auto profile = co_await provider_.profile(access);
  if (!profile && profile.error().reason == "provider_refuses_key") co_return bad_key("key_refused");
  if (!profile) {
    LOG(warn, "provider_silent", {"about", "profile"}, {"reason", profile.error().reason},
        {"detail", profile.error().detail});
    co_return fail(ErrorCode::unavailable, "provider_unavailable",
                   "The payment provider does not say at the moment whose key it is. Try again.");
  }
  if (profile->is_blocked) co_return bad_key("profile_blocked");
  const auto keep = [&](sql::Transaction& tx) -> Result<> {
    Connection connection = TRY(lock_undecided(visitor, tx));
    TRY(fits(connection, *mode, *profile));
    auto sealed = keys_.seal(key, proposal_seal(connection), tx.random());
    connection.proposed =
        store::ProposedKey{std::move(sealed), std::string(*mode), profile->id, profile->name, tx.now()};
    return store::Connections(tx).update(connection);
  };
  CO_CHECK(co_await lane_.write(visitor.word.organization, keep));
  tell_decision("key_proposed", visitor);
  co_return Result<>();
}

Task<Result<>> ProviderKeys::confirm(ConnectionVisitor visitor, Time proposed_at) {
  const auto take = [&](sql::Transaction& tx) -> Result<> {
    const Connection connection = TRY(lock_undecided(visitor, tx));
    const auto& proposed = connection.proposed;
    if (!proposed || proposed->at != proposed_at || proposed->at <= tx.now() - proposed_key_life) return outdated();
    const auto key = TRY(key_of(connection, keys_, tx));
    TRY(audit({AuditAction::connection_key_confirmed, actor_of(visitor.user), connection.organization,
               connection.id.text(), said_of(key)},
              tx));
    if (connection.status == ConnectionStatus::enabled) return replace_key(connection, key, keys_, tx);
    TRY(enable_connection(connection.organization, connection.id, key, keys_, tx));
    return {};
  };
  CO_CHECK(co_await lane_.write(visitor.word.organization, take));
  tell_decision("key_confirmed", visitor);
  co_return Result<>();
}

Task<Result<>> ProviderKeys::discard(ConnectionVisitor visitor) {
  const auto forget = [&](sql::Transaction& tx) -> Result<> {
    Connection connection = TRY(lock_undecided(visitor, tx));
    if (!connection.proposed) return discard_given(connection, tx);
    connection.proposed.reset();
    return store::Connections(tx).update(connection);
  };
  CO_CHECK(co_await lane_.write(visitor.word.organization, forget));
  co_return Result<>();
}

Task<Result<>> ProviderKeys::disconnect(ConnectionVisitor visitor) {
  const auto end = [&](sql::Transaction& tx) -> Result<> {
    const Connection connection = TRY(lock_undecided(visitor, tx));
    if (connection.status == ConnectionStatus::disabled) return {};
    TRY(disable_connection(connection.organization, connection.id, tx));
    return audit(
        {AuditAction::connection_disabled, actor_of(visitor.user), connection.organization, connection.id.text()}, tx);
  };
  CO_CHECK(co_await lane_.write(visitor.word.organization, end));
  tell_decision("disconnected", visitor);
  co_return Result<>();
}

}  // namespace paylink::app
