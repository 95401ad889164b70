#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/caller.hpp"
#include "app/payments.hpp"
#include "app/testing_provider.hpp"
#include "base/testing.hpp"
#include "crypto/keyring.hpp"
#include "platter.hpp"
#include "runtime/sqlite_lane.hpp"

// The service's real storage layer and use cases on the disk in memory.
namespace paylink::power {

// The same bytes for the same seed. Safe from any thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : chance_(seed) {}
  void fill(std::span<std::byte> bytes) override;
  // From here on it goes another way than without this, or by another number.
  void branch(std::uint64_t number);

 private:
  std::mutex mutex_;
  Chance chance_;
};

// What somebody was told, and is held to whatever happens.
struct Promise {
  enum class Kind : std::uint8_t {
    link,     // `key` is there
    attempt,  // `key` is there, in the state `value` or in one it leads to
    refund,   // `key` is there
    answer,   // `value` is what the idempotency key `key` is answered
    no_link,  // of the title `key`: that was refused
  };
  Kind kind;
  std::string key;
  std::string value = {};
  std::size_t moment = 0;  // World::moment when it was made
};

// What outlives the process: time, the provider, and what clients know.
struct World {
  explicit World(std::uint64_t seed) : random(seed) {}

  SeededRandom random;
  ManualClock clock;
  app::testing::FakeProvider provider;
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  OrganizationId organization{Uuid::v7(clock.now(), random)};
  Uuid owner = Uuid::v7(clock.now(), random);
  int titles = 0;
  std::size_t moment = 0;  // the disk's position at the last answer, where a witness keeps it
  std::vector<Promise> promises;
  runtime::Answer answer = runtime::Answer::after_commit;  // else it is the broken program of a control

  app::Caller caller() const { return {organization, owner, {}}; }
};

// Sees each answer to a write before whoever waits for it does, on the lane's thread.
using Witness = std::function<void(const Result<>&)>;

// A new database with one merchant whom a provider pays.
Result<> lay_out(World& world);

// Opens the database as the program does when it starts. Fails when the program would not.
Result<std::unique_ptr<sql::sqlite::Connection>> open_storage(World& world);

// One life of the program.
class Service {
 public:
  // Fails when the storage cannot be opened. `fatal` must end the process.
  static Result<std::unique_ptr<Service>> start(World& world, Witness witness, std::function<void(const Error&)> fatal);
  ~Service();

  World& world() { return world_; }
  app::Lane& lane();
  app::Payments& payments() { return payments_; }

 private:
  class WitnessedLane;
  Service(World& world, std::unique_ptr<sql::sqlite::Connection> own, std::unique_ptr<WitnessedLane> lane);

  World& world_;
  std::unique_ptr<sql::sqlite::Connection> own_;  // the program keeps one beside the lane's
  std::unique_ptr<WitnessedLane> lane_;
  app::Payments payments_;
};

// What is done of everything that moves money, as scripts. What was answered becomes a promise; a step that was refused
// ends a script.
struct Flow {
  std::string_view name;
  void (*run)(Service& service);
};
std::span<const Flow> flows();

// A link by itself.
Result<> create(Service& service);

}  // namespace paylink::power
