#pragma once

#include <string>

#include "app/install.hpp"
#include "app/lane.hpp"
#include "crypto/token.hpp"
#include "store/testing.hpp"

// What tests of flows and endpoints share.
namespace paylink::app::testing {

// Runs everything at once, each step in a transaction of its own. After `writes_left` writes nothing can be stored any
// more: what a crash of the process looks like to the flow that was under way.
class TestLane final : public Lane {
 public:
  explicit TestLane(store::testing::Database& database) : database_(database) {}

  void submit_write(Work& work) noexcept override {
    ++writes;
    if (writes_left == 0) return work.done(fail(ErrorCode::unavailable, "down", "Crashed."));
    if (writes_left > 0) --writes_left;
    run(work);
  }
  void submit_read(Work& work) noexcept override { run(work); }

  int writes_left = -1;  // -1: there is no crash
  int writes = 0;

 private:
  void run(Work& work) {
    Result<> outcome = database_.write([&](sql::Transaction& tx) -> Result<> {
      try {
        return work.run(tx);
      } catch (const std::exception& exception) {
        return fail(ErrorCode::internal, "bug", "Something went wrong on our side.", exception.what());
      }
    });
    work.done(std::move(outcome));
  }

  store::testing::Database& database_;
};

// A database with one organization, and its API key with every scope.
struct TestInstallation {
  explicit TestInstallation(store::testing::Database& database)
      : id(Uuid::v7(database.clock.now(), database.random)),
        secret(crypto::make_token(id, database.random)),
        installation{{OrganizationId(id), "shop", "Shop"},
                     BankAccountId(id),
                     "FR76",
                     "BIC",
                     "EUR",
                     UserId(id),
                     MembershipId(id),
                     "owner@example.com",
                     "hash",
                     ApiKeyId(id),
                     secret} {
    ENSURE(database.write([&](sql::Transaction& tx) { return install(installation, keys, tx); }));
  }

  // As the Authorization field says it.
  std::string api_key() const { return "shop:" + secret.reveal(); }

  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  Uuid id;
  Secret secret;
  Installation installation;
};

}  // namespace paylink::app::testing
