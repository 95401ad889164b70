#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/authenticate.hpp"
#include "app/install.hpp"
#include "app/lane.hpp"
#include "app/payments.hpp"
#include "app/testing_provider.hpp"
#include "crypto/token.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"
#include "store/testing.hpp"

// What tests of flows and endpoints share.
namespace paylink::app::testing {

// Runs everything at once, each step in a transaction of its own, behind the wall of its tenant. After `writes_left`
// writes nothing can be stored any more: what a crash of the process looks like to the flow that was under way.
class TestLane final : public Lane {
 public:
  explicit TestLane(store::testing::Database& database) : database_(database) {}

  void submit_write(Work& work) noexcept override;
  void submit_read(Work& work) noexcept override;

  int writes_left = -1;  // -1: there is no crash
  int writes = 0;
  int reads = 0;
  std::vector<sql::Tenant> tenants;  // of what has run

 private:
  void run(Work& work);

  store::testing::Database& database_;
};

// A database with one organization, and its API key with every scope.
struct TestInstallation {
  explicit TestInstallation(store::testing::Database& database);

  // As the Authorization field says it.
  std::string api_key() const { return "shop:" + secret.reveal(); }
  store::Delegation delegation_to(store::OauthClientId client) const {
    return {OrganizationId(id), MembershipId(id), client};
  }

  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  Uuid id;
  Secret secret;
  Installation installation;
};

// What an Authorization field lets its bearer do; nothing when it is not believed.
std::optional<Caller> caller_of(const std::string& authorization, const crypto::KeyRing& keys,
                                store::testing::Database& database);

// An access token that an application has got, as the Authorization field says it.
std::string issue_bearer(const store::Delegation& who, std::string_view scopes, const crypto::KeyRing& keys,
                         store::testing::Database& database);

template <class T>
T now(Task<T> task) {
  std::optional<T> result;
  start(
      std::move(task), [&](T value) { result.emplace(std::move(value)); },
      [](std::exception_ptr thrown) { std::rethrow_exception(thrown); });
  ENSURE(result.has_value());
  return *std::move(result);
}

// A merchant with one link, and everything that serves it.
struct Shop {
  Shop();

  StartPayment command(StartOver start_over = StartOver::no);
  Attempt begin(StartOver start_over = StartOver::no);
  Attempt settle(const Attempt& attempt);
  int reconcile();
  // Two have paid: the second is kept, and the first is to be given back.
  void pay_twice();
  // Lets the reconciler look as often as it likes during `time`.
  void let_pass(std::chrono::seconds time);
  Attempt stored(const Attempt& attempt);
  LinkStatus status();

  // Whatever happened: each movement sums to zero, and the accounts say what captures and refunds say.
  void expect_sound_books();
  // The same with any number of links.
  void expect_sound_books_of_many();

  store::testing::Database database;
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  TestLane lane{database};
  FakeProvider provider;
  Payments payments{lane, provider, keys, "https://pay.example.com"};
  Organization organization = store::testing::add_organization(database, "shop");
  ConnectionId connection;
  PaymentLink link = store::testing::add_link(database, organization.id);
};

}  // namespace paylink::app::testing
