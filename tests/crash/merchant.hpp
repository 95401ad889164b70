#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/connect_account.hpp"
#include "app/payments.hpp"
#include "app/provider_keys.hpp"
#include "app/refreshing_provider.hpp"
#include "base/testing.hpp"
#include "http/client.hpp"
#include "points.hpp"
#include "providers/mollie/connect.hpp"
#include "providers/mollie/provider.hpp"
#include "runtime/sqlite_lane.hpp"

namespace paylink::crash {

// Who is paid, the same in every process.
struct Ids {
  OrganizationId organization{*Uuid::parse("0198c0de-0000-7000-8000-000000000001")};
  UserId owner{*Uuid::parse("0198c0de-0000-7000-8000-000000000002")};
  ConnectionId connection{*Uuid::parse("0198c0de-0000-7000-8000-000000000003")};
  PaymentLinkId link{*Uuid::parse("0198c0de-0000-7000-8000-000000000004")};
  Uuid resource = *Uuid::parse("5c0ffee0-0000-4000-8000-000000000005");
};

enum class Connected : std::uint8_t { no, by_key };

// A new data file with one merchant, who has one link of 13.30 that can be paid once.
Result<> lay_out(const std::string& path, Connected connected, Time now);

// Where its provider is, and what our application is called there.
struct ProviderPlace {
  std::string url;
  std::string client_id;
};

// One life of the server, as far as flows need it: the real lane on the data file, and the real connector, put together
// as Node does it.
class Merchant {
 public:
  Merchant(const std::string& path, const ProviderPlace& place, Time now, Points& points);
  ~Merchant() { client->stop(); }

  Ids ids;
  SystemRandom random;
  ManualClock clock;
  crypto::KeyRing keys;
  std::unique_ptr<runtime::SqliteLane> engine;
  CrashingLane lane;
  std::unique_ptr<http::Client> client = http::Client::create();
  providers::mollie::Provider mollie;
  CrashingProvider provider;
  providers::mollie::Connect mollie_connect;
  CrashingConnect connect;
  app::TokenRenewal renewal;
  app::RefreshingProvider refreshing;
  app::ConnectAccount connect_account;
  app::Payments payments;
  app::ProviderKeys provider_keys;
};

}  // namespace paylink::crash
