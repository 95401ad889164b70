#include "merchant.hpp"

#include <cstdio>

#include "app/install.hpp"
#include "runtime/run_now.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "store/migrations.hpp"
#include "store/payment_links.hpp"

namespace paylink::crash {
namespace {

// What the provider refuses for the moment it refuses for as long as its clock stands still.
const providers::mollie::Patience hasty{.tries = 2, .wait = std::chrono::milliseconds(1)};

const Secret provider_key{"test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

crypto::KeyRing master() { return crypto::KeyRing::of_master(Secret(std::string(32, 'k'))); }

app::Installation installation(const Ids& ids) {
  return {{ids.organization, "shop", "Shop"},
          BankAccountId(ids.organization.uuid()),
          "FR7616798000010000000000103",
          "TRZOFR21XXX",
          "EUR",
          ids.owner,
          MembershipId(ids.owner.uuid()),
          "owner@example.com",
          "hash",
          ApiKeyId(ids.owner.uuid()),
          Secret("plk_secret")};
}

app::SandboxAccess access(const Ids& ids, Connected connected) {
  app::SandboxAccess access{ids.owner.uuid(),
                            "Application",
                            Secret("client secret"),
                            {"http://127.0.0.1/callback"},
                            AccessTokenId(ids.owner.uuid()),
                            Secret("access token"),
                            AccessTokenId(ids.organization.uuid()),
                            Secret("refresh token"),
                            ids.connection,
                            {}};
  if (connected == Connected::by_key) access.provider_key = provider_key;
  return access;
}

PaymentLink link_of(const Ids& ids, Time now) {
  const Time end = now + std::chrono::days(365);
  return {.organization = ids.organization,
          .id = ids.link,
          .resource_id = ids.resource,
          .amount = *Money::parse_decimal("13.30", *Currency::parse("EUR")),
          .methods = {PaymentMethod::credit_card, PaymentMethod::ideal},
          .subject = Basket{"[]"},
          .expiration_date = end,
          .expires_effective_at = end,
          .canceled_at = {},
          .created_at = now,
          .updated_at = now};
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "crash_points: %s: %s\n", error.reason.c_str(), error.detail.c_str());
  std::_Exit(70);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return *std::move(result);
}

}  // namespace

Result<> lay_out(const std::string& path, Connected connected, Time now) {
  SystemRandom random;
  const Ids ids;
  const auto keys = master();
  const auto connection = TRY(sql::sqlite::Connection::open(path, sql::sqlite::Mode::write));
  sql::sqlite::SqliteMigrationTarget target(*connection);
  TRY(sql::migrate(target, store::migrations(), now));
  TRY(connection->begin());
  sql::sqlite::SqliteTransaction tx(*connection, now, random);
  TRY(app::install(installation(ids), keys, tx));
  TRY(app::install_sandbox_access(installation(ids), access(ids, connected), keys, tx));
  TRY(store::PaymentLinks(tx).insert(link_of(ids, now)));
  if (connection->commit() != sql::sqlite::Commit::done) return Failure{connection->last_error()};
  return {};
}

Merchant::Merchant(const std::string& path, const ProviderPlace& place, Time now, Points& points)
    : keys(master()),
      engine(must(runtime::SqliteLane::create({path}, clock, random, give_up))),
      lane(*engine, points),
      mollie(*client, place.url, clock, random, hasty),
      provider(mollie, points),
      mollie_connect(mollie.client(),
                     {place.client_id, Secret("secret"), place.url + "/oauth2/authorize", "http://127.0.0.1:1/back"}),
      connect(mollie_connect, points),
      renewal(lane, connect, keys),
      refreshing(provider, renewal),
      connect_account(lane, connect, keys),
      payments(lane, refreshing, keys, "http://127.0.0.1:1", app::Notifications::reach_nobody),
      provider_keys(lane, refreshing, keys) {
  clock.advance(now - clock.now());
  const auto end_leases = [](sql::Transaction& tx) { return app::end_renewal_leases(tx); };
  const auto alone = [&]() -> Task<Result<>> {
    auto done = co_await engine->write(sql::Tenant::everybody(), end_leases);
    co_return done;
  };
  if (const auto done = runtime::run_now(alone()); !done) give_up(done.error());
}

}  // namespace paylink::crash
