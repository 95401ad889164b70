#include "app/token_renewal.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "app/connections.hpp"
#include "base/log.hpp"
#include "store/events.hpp"

namespace paylink::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Nobody else looks at a claimed row, or renews, before this is over: longer than all calls to the provider for one.
constexpr seconds renewal_lease{90};
// A token that is refused sooner after it was issued is not refused for its age.
constexpr seconds fresh{60};
constexpr seconds first_wait{30};
constexpr minutes longest_wait{30};
// How long accounts are asked about, and how often at least.
constexpr hours longest_look{6};
constexpr std::chrono::days looks_end{60};
// What is under way is still settled with a token whose connection has ended.
constexpr minutes settling_wait{5};
constexpr hours settling_end{24};
constexpr std::chrono::days revoking_end{7};

std::chrono::microseconds wait_after(int tries, std::chrono::microseconds longest, Random& random) {
  std::chrono::microseconds wait = first_wait;
  for (int i = 1; i < tries && wait < longest; ++i) wait *= 2;
  wait = std::min(wait, longest);
  return wait + jitter(wait / 4, random);
}

Failure refused_grant(std::string detail) {
  return fail(ErrorCode::unavailable, "provider_refuses_key", "The payment provider does not accept our key.",
              std::move(detail));
}

// With another application's id the provider would say that these tokens are worth nothing, and a connection would end
// for what is wrong in our settings.
Result<> check_application(const ProviderGrant& grant, std::string_view client_id) {
  if (grant.client_id.empty() || grant.client_id == client_id) return {};
  LOG(error, "application_changed", {"connection", grant.connection.text()}, {"authorized", grant.client_id},
      {"client_id", client_id});
  return fail(ErrorCode::unavailable, "provider_unavailable", "The payment provider renews no token now.",
              "authorized was " + grant.client_id + ", mollie.client_id is " + std::string(client_id));
}

// Unless it ended here already, the provider has ended it.
Result<> lose(ProviderGrant& grant, const std::string& detail, sql::Transaction& tx) {
  const bool was_ours = grant.state == ProviderGrantState::waiting || grant.state == ProviderGrantState::used;
  let_go(grant, tx.now());
  TRY(store::ProviderGrants(tx).update(grant));
  if (!was_ours) return {};
  LOG(error, "authorization_lost", {"organization", grant.organization.text()}, {"connection", grant.connection.text()},
      {"detail", detail});
  TRY(store::Events(tx).add_alert(grant.organization, grant.connection, "authorization_lost", detail));
  TRY(disable_connection(grant.organization, grant.connection, tx));
  return audit({AuditAction::connection_disabled, "paylink", grant.organization, grant.connection.text(),
                "the provider ended its authorization"},
               tx);
}

// It is tried again later, at longer and longer intervals. A lease is whose it is: somebody else may just be renewing.
Result<> put_off(ProviderGrant& grant, std::chrono::microseconds longest, sql::Transaction& tx) {
  ++grant.tries;
  grant.due_at = tx.now() + wait_after(grant.tries, longest, tx.random());
  return store::ProviderGrants(tx).update(grant);
}

// In the order in which decisions take them: the connection first.
Result<ProviderGrant> lock_with_connection(const GrantedAccess& granted, sql::Transaction& tx) {
  store::ProviderGrants grants(tx);
  const ProviderGrant seen = TRY(grants.find(granted.organization, granted.grant));
  TRY(store::Connections(tx).find_for_update(seen.organization, seen.connection));
  return grants.find_for_update(granted.organization, granted.grant);
}

void tell_silence(const ProviderGrant& grant, std::string_view about, const Error& error) {
  LOG(warn, "provider_silent", {"about", about}, {"connection", grant.connection.text()}, {"reason", error.reason},
      {"detail", error.detail});
}

}  // namespace

// What a renewal begins with: a token that somebody else has got meanwhile, or what to get one with.
struct TokenRenewal::Begun {
  ProviderAccess access;
  std::optional<Secret> refresh_token{};
};

Result<TokenRenewal::Begun> TokenRenewal::begin(const GrantedAccess& access, sql::Transaction& tx) const {
  store::ProviderGrants grants(tx);
  ProviderGrant grant = TRY(grants.find_for_update(access.organization, access.grant));
  if (!has_tokens(grant)) return refused_grant("the authorization has ended");
  if (grant.tokens != access.tokens) {
    auto token = TRY(keys_.open(grant.access_token_sealed, access_token_seal(grant)));
    Begun begun{{std::move(token), access}};
    begun.access.granted->tokens = grant.tokens;
    return begun;
  }
  // Moments that lie further ahead than anybody can have set them are of a clock that has been put back since.
  if (grant.issued_at && std::chrono::abs(tx.now() - *grant.issued_at) < fresh)
    return refused_grant("a token issued just now was refused");
  if (grant.lease_until && *grant.lease_until > tx.now() && *grant.lease_until < tx.now() + 2 * renewal_lease)
    return fail(ErrorCode::unavailable, "provider_unavailable", "The token is just being renewed. Try again.");
  TRY(check_application(grant, connect_.client_id()));
  grant.lease_until = tx.now() + renewal_lease;
  TRY(grants.update(grant));
  auto refresh_token = TRY(keys_.open(grant.refresh_token_sealed, refresh_token_seal(grant)));
  return Begun{{{}, access}, std::move(refresh_token)};
}

Task<Result<ProviderAccess>> TokenRenewal::renew(GrantedAccess access) {
  const auto first_step = [&](sql::Transaction& tx) { return begin(access, tx); };
  CO_TRY(begun, co_await lane_.write(access.organization, first_step));
  if (!begun.refresh_token) co_return std::move(begun.access);
  auto tokens = co_await connect_.refresh(*begun.refresh_token);
  const bool is_lost = !tokens && tokens.error().reason == "grant_refused";
  const auto last_step = [&](sql::Transaction& tx) -> Result<std::int64_t> {
    store::ProviderGrants grants(tx);
    ProviderGrant grant = TRY(lock_with_connection(access, tx));
    // Whoever held the lease for too long finds what others did meanwhile, and leaves it.
    if (!has_tokens(grant) || grant.tokens != access.tokens) return grant.tokens;
    if (tokens) {
      keep_tokens(grant, *tokens, connect_.client_id(), keys_, tx);
      TRY(grants.update(grant));
      return grant.tokens;
    }
    if (is_lost)
      TRY(lose(grant, tokens.error().detail, tx));
    else
      grant.lease_until.reset();
    if (!is_lost) TRY(grants.update(grant));
    return grant.tokens;
  };
  CO_TRY(count, co_await lane_.write(access.organization, last_step));
  if (is_lost) co_return refused_grant(tokens.error().detail);
  if (!tokens) {
    LOG(warn, "token_not_renewed", {"reason", tokens.error().reason}, {"detail", tokens.error().detail});
    co_return fail(ErrorCode::unavailable, "provider_unavailable", "The payment provider renews no token now.",
                   tokens.error().detail);
  }
  access.tokens = count;
  co_return ProviderAccess{tokens->access, access};
}

// Of a grant in use, as its time has come. What failed is tried again, at longer and longer intervals.
Task<Result<>> TokenRenewal::renew_in_time(ProviderGrant grant) {
  GrantedAccess granted{grant.organization, grant.id, grant.tokens, {}, false};
  auto renewed = co_await renew(std::move(granted));
  if (renewed || stopping_) co_return Result<>();
  const auto later = [&](sql::Transaction& tx) -> Result<> {
    ProviderGrant known = TRY(store::ProviderGrants(tx).find_for_update(grant.organization, grant.id));
    if (known.state != ProviderGrantState::used || known.tokens != grant.tokens) return {};
    return put_off(known, longest_wait, tx);
  };
  CO_CHECK(co_await lane_.write(grant.organization, later));
  co_return Result<>();
}

Task<Result<>> TokenRenewal::ask_about_account(ProviderGrant grant) {
  const GrantedAccess granted{grant.organization, grant.id, grant.tokens, {}, false};
  auto token = keys_.open(grant.access_token_sealed, access_token_seal(grant));
  if (!token) co_return std::move(token).failure();
  auto account = co_await connect_.account(*token);
  if (!account && account.error().reason == "provider_refuses_key") {
    auto renewed = co_await renew(granted);
    if (renewed) account = co_await connect_.account(renewed->credential);
  }
  if (!account) tell_silence(grant, "account", account.error());
  if (!account && stopping_) co_return Result<>();
  const auto last_step = [&](sql::Transaction& tx) -> Result<> {
    ProviderGrant known = TRY(lock_with_connection(granted, tx));
    if (known.state != ProviderGrantState::waiting) return {};
    if (account && account->is_complete) {
      known.state = ProviderGrantState::used;
      known.state_at = tx.now();
      known.is_account_complete = true;
      known.tries = 0;
      known.due_at = tx.now() + fresh;  // how old its token is does not matter then
      TRY(store::ProviderGrants(tx).update(known));
      TRY(audit({AuditAction::connection_enabled, "paylink", known.organization, known.connection.text(),
                 "the provider has completed the account"},
                tx));
      return enable_waiting(known.organization, known.connection, tx);
    }
    if (known.state_at + looks_end > tx.now()) return put_off(known, longest_look, tx);
    LOG(warn, "account_never_complete", {"connection", known.connection.text()});
    TRY(disable_connection(known.organization, known.connection, tx));
    return audit({AuditAction::connection_disabled, "paylink", known.organization, known.connection.text(),
                  "the provider never completed the account"},
                 tx);
  };
  CO_CHECK(co_await lane_.write(grant.organization, last_step));
  co_return Result<>();
}

Task<Result<>> TokenRenewal::revoke(ProviderGrant grant) {
  const auto look = [&](sql::Transaction& tx) -> Result<bool> {
    if (grant.state_at + settling_end <= tx.now()) return false;
    return store::ProviderGrants(tx).is_needed(grant.organization, grant.connection);
  };
  CO_TRY(is_needed, co_await lane_.read(grant.organization, look));
  auto token = keys_.open(grant.refresh_token_sealed, refresh_token_seal(grant));
  if (!token) co_return std::move(token).failure();
  auto revoked = Result<>(fail(ErrorCode::unavailable, "not_asked", {}));
  if (!is_needed) revoked = check_application(grant, connect_.client_id());
  const bool is_asked = !is_needed && revoked;
  if (is_asked) revoked = co_await connect_.revoke(*token);
  if (is_asked && !revoked) tell_silence(grant, "revoke", revoked.error());
  if (!is_needed && !revoked && stopping_) co_return Result<>();
  const auto last_step = [&](sql::Transaction& tx) -> Result<> {
    store::ProviderGrants grants(tx);
    ProviderGrant known = TRY(grants.find_for_update(grant.organization, grant.id));
    if (known.state != ProviderGrantState::ended) return {};
    if (is_needed) {
      known.due_at = tx.now() + settling_wait;
      return grants.update(known);
    }
    const bool is_refused = !revoked && revoked.error().reason == "grant_refused";
    if (!revoked && !is_refused && known.state_at + revoking_end > tx.now()) return put_off(known, longest_look, tx);
    if (!revoked && !is_refused) {
      LOG(error, "authorization_not_revoked", {"connection", known.connection.text()});
      TRY(store::Events(tx).add_alert(known.organization, known.connection, "authorization_not_revoked",
                                      revoked.error().detail));
    }
    let_go(known, tx.now());
    return grants.update(known);
  };
  CO_CHECK(co_await lane_.write(grant.organization, last_step));
  co_return Result<>();
}

Task<Result<>> TokenRenewal::look_after(ProviderGrant grant) {
  using enum ProviderGrantState;
  if (grant.state == used) {
    auto done = co_await renew_in_time(std::move(grant));
    co_return done;
  }
  if (grant.state == waiting) {
    auto done = co_await ask_about_account(std::move(grant));
    co_return done;
  }
  if (grant.state == ended) {
    auto done = co_await revoke(std::move(grant));
    co_return done;
  }
  // Nobody has come back, or confirmed, in time.
  const auto forget = [&](sql::Transaction& tx) -> Result<> {
    store::ProviderGrants grants(tx);
    ProviderGrant known = TRY(grants.find_for_update(grant.organization, grant.id));
    if (known.state != asked && known.state != taken && known.state != given) return {};
    if (!has_tokens(known)) return grants.remove(known.organization, known.id);
    const auto connection = TRY(store::Connections(tx).find(known.organization, known.connection));
    return replace_grant(known.organization, known.id, connection.grant ? Successor::grant : Successor::key, tx);
  };
  CO_CHECK(co_await lane_.write(grant.organization, forget));
  co_return Result<>();
}

Task<Result<int>> TokenRenewal::look_after(int limit) {
  int found = 0;
  const auto claim = [](sql::Transaction& tx) { return store::ProviderGrants(tx).claim_due(renewal_lease); };
  for (; found < limit && !stopping_; ++found) {
    CO_TRY(grant, co_await lane_.write(sql::Tenant::everybody(), claim));
    if (!grant) break;
    const ConnectionId connection = grant->connection;
    auto done = co_await look_after(*std::move(grant));
    if (!done)
      LOG(error, "authorization_not_looked_after", {"connection", connection.text()}, {"detail", done.error().detail});
  }
  co_return found;
}

Result<> end_renewal_leases(sql::Transaction& tx) { return store::ProviderGrants(tx).end_leases(); }

}  // namespace paylink::app
