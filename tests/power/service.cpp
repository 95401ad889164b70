#include "service.hpp"

#include "app/install.hpp"
#include "disk_vfs.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "store/connections.hpp"
#include "store/migrations.hpp"
#include "store/moves.hpp"

namespace paylink::power {
namespace {

app::Installation installation(const World& world) {
  return {{world.organization, "shop", "Shop"},
          BankAccountId(world.owner),
          "FR7616798000010000000000103",
          "TRZOFR21XXX",
          "EUR",
          UserId(world.owner),
          MembershipId(world.owner),
          "owner@example.com",
          "hash",
          ApiKeyId(world.owner),
          Secret("plk_secret")};
}

// One piece of work and who sees its answer. Ends with it.
class WitnessedWork final : public app::Work {
 public:
  WitnessedWork(app::Work& work, const Witness& witness) : work_(work), witness_(witness) {}

  sql::Tenant tenant() const override { return work_.tenant(); }
  Result<> run(sql::Transaction& tx) override { return work_.run(tx); }
  void done(Result<> outcome) noexcept override {
    witness_(outcome);
    app::Work& work = work_;
    const std::unique_ptr<WitnessedWork> itself(this);
    work.done(std::move(outcome));
  }

 private:
  app::Work& work_;
  const Witness& witness_;
};

}  // namespace

void SeededRandom::fill(std::span<std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(chance_());
}

void SeededRandom::branch(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  chance_.seed(chance_() + number);
}

Result<> lay_out(World& world) {
  const auto connection = TRY(open_storage(world));
  TRY(connection->begin());
  sql::sqlite::SqliteTransaction tx(*connection, world.clock.now(), world.random);
  TRY(app::install(installation(world), world.keys, tx));
  const auto id = ConnectionId::create(world.clock.now(), world.random);
  const auto sealed =
      world.keys.seal(Secret("test_keykeykeykey"), app::connection_seal(world.organization, id), world.random);
  TRY(store::Connections(tx).insert(
      {world.organization, id, "mollie", "test", ConnectionStatus::enabled, sealed, BankAccountId(world.owner)}));
  if (connection->commit() != sql::sqlite::Commit::done) return Failure{connection->last_error()};
  return {};
}

Result<std::unique_ptr<sql::sqlite::Connection>> open_storage(World& world) {
  static const auto migrations = store::migrations();
  auto connection = TRY(sql::sqlite::Connection::open(database_path, sql::sqlite::Mode::write));
  TRY(connection->store_log_again());
  sql::sqlite::SqliteMigrationTarget target(*connection);
  TRY(sql::migrate(target, migrations, world.clock.now()));
  sql::sqlite::SqliteTransaction tx(*connection, world.clock.now(), world.random);
  TRY(store::Moves(tx).check_finished());
  return connection;
}

class Service::WitnessedLane final : public app::Lane {
 public:
  WitnessedLane(std::unique_ptr<runtime::SqliteLane> lane, Witness witness)
      : witness_(std::move(witness)), lane_(std::move(lane)) {}

  void submit_write(app::Work& work) noexcept override {
    // It is its own owner until it is done.
    lane_->submit_write(*std::make_unique<WitnessedWork>(work, witness_).release());
  }
  void submit_read(app::Work& work) noexcept override { lane_->submit_read(work); }
  void submit_slow_read(app::Work& work) noexcept override { lane_->submit_slow_read(work); }

 private:
  const Witness witness_;
  const std::unique_ptr<runtime::SqliteLane> lane_;
};

Result<std::unique_ptr<Service>> Service::start(World& world, Witness witness,
                                                std::function<void(const Error&)> fatal) {
  auto own = TRY(open_storage(world));
  runtime::SqliteLaneOptions options;
  options.path = database_path;
  options.answer = world.answer;
  auto lane = TRY(runtime::SqliteLane::create(std::move(options), world.clock, world.random, std::move(fatal)));
  auto witnessed = std::make_unique<WitnessedLane>(std::move(lane), std::move(witness));
  return std::unique_ptr<Service>(new Service(world, std::move(own), std::move(witnessed)));
}

Service::Service(World& world, std::unique_ptr<sql::sqlite::Connection> own, std::unique_ptr<WitnessedLane> lane)
    : world_(world),
      own_(std::move(own)),
      lane_(std::move(lane)),
      payments_(*lane_, world.provider, world.keys, "http://127.0.0.1:1", app::Notifications::reach_nobody) {}

Service::~Service() = default;

app::Lane& Service::lane() { return *lane_; }

}  // namespace paylink::power
