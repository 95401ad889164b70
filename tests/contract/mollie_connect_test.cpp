// The connector's OAuth client against the simulator, over real sockets: both sides of one protocol.
#include <gtest/gtest.h>

#include "http/web_address.hpp"
#include "providers/mollie/connect.hpp"
#include "providers/mollie/provider.hpp"
#include "simulator/simulator.hpp"
#include "simulator/testing.hpp"

namespace paylink {
namespace {

using app::ProviderAccess;
using app::ProviderTokens;
using simulator::testing::wait_for;

class MollieConnect : public ::testing::Test {
 protected:
  MollieConnect() { server->start(); }
  ~MollieConnect() override { server->stop(); }

  static constexpr auto redirect_uri = "http://127.0.0.1:1/connect/mollie/return";
  providers::mollie::Connect connect_with(const std::string& secret,
                                          const std::string& client_id = "app_aaaaaaaaaaaa") {
    return {provider.client(), {client_id, Secret(secret), server->base_url() + "/oauth2/authorize", redirect_uri}};
  }
  // What the form of the authorize page sends when it is allowed: the code that its answer leads back with.
  std::string allow(const std::string& url, const std::string& onboarding = "completed") {
    const std::string query = url.substr(url.find('?') + 1);
    http::ClientRequest request;
    request.method = "POST";
    request.url = server->base_url() + "/oauth2/authorize";
    request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = query + "&organization=Acme&profiles=2&decision=allow&onboarding=" + onboarding;
    const auto answer = wait_for(client->send(std::move(request)));
    EXPECT_TRUE(answer && answer->status == 303);
    const std::string prefix = std::string(redirect_uri) + "?code=";
    EXPECT_TRUE(answer->location.starts_with(prefix)) << answer->location << answer->body;
    EXPECT_TRUE(answer->location.ends_with("&state=our%20state%26more")) << answer->location;
    return answer->location.substr(prefix.size(), answer->location.find('&') - prefix.size());
  }
  ProviderTokens tokens(const std::string& onboarding = "completed") {
    auto issued = wait_for(connect.exchange(Secret(allow(connect.authorize_url("our state&more"), onboarding))));
    EXPECT_TRUE(issued) << issued.error().detail;
    return *std::move(issued);
  }
  static ProviderAccess access(const ProviderTokens& tokens, const std::string& profile, bool is_test = true) {
    return {tokens.access, app::GrantedAccess{{}, {}, 1, profile, is_test}};
  }

  SystemRandom random;
  ManualClock clock;
  TemporaryDirectory directory{random};
  std::unique_ptr<http::Client> client = http::Client::create();
  std::unique_ptr<simulator::Simulator> server =
      *simulator::Simulator::create({"127.0.0.1", 0, directory.file("simulator.db")}, clock, random, *client);
  providers::mollie::Provider provider{*client, server->base_url(), clock, random};
  providers::mollie::Connect connect = connect_with("secret+with/signs");
};

TEST_F(MollieConnect, ExchangesRefreshesAndRevokes) {
  const std::string code = allow(connect.authorize_url("our state&more"));
  const auto issued = wait_for(connect.exchange(Secret(code)));
  ASSERT_TRUE(issued) << issued.error().detail;
  EXPECT_EQ(issued->life, std::chrono::seconds(3600));
  const auto again = wait_for(connect.exchange(Secret(code)));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "grant_refused");

  clock.advance(std::chrono::seconds(3600));
  const auto expired = wait_for(connect.account(issued->access));
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().reason, "provider_refuses_key");
  const auto renewed = wait_for(connect.refresh(issued->refresh));
  ASSERT_TRUE(renewed) << renewed.error().detail;
  EXPECT_EQ(renewed->refresh.reveal(), issued->refresh.reveal()) << "it does not rotate";
  EXPECT_TRUE(wait_for(connect.account(renewed->access)));

  auto stranger = connect_with("another");
  const auto strange = wait_for(stranger.refresh(issued->refresh));
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().reason, "application_refused") << "which is no word about the authorization";

  EXPECT_TRUE(wait_for(connect.revoke(renewed->refresh)));
  EXPECT_FALSE(wait_for(connect.account(renewed->access)));
  EXPECT_EQ(wait_for(connect.refresh(issued->refresh)).error().reason, "grant_refused");
  EXPECT_TRUE(wait_for(connect.revoke(renewed->refresh))) << "what is gone stays so";
}

TEST_F(MollieConnect, TakesTheNewRefreshTokenOfOneThatRotates) {
  auto rotating = connect_with("secret", "app_rotating_a");
  const auto issued = wait_for(rotating.exchange(Secret(allow(rotating.authorize_url("our state&more")))));
  ASSERT_TRUE(issued) << issued.error().detail;
  const auto renewed = wait_for(rotating.refresh(issued->refresh));
  ASSERT_TRUE(renewed) << renewed.error().detail;
  EXPECT_NE(renewed->refresh.reveal(), issued->refresh.reveal());
  EXPECT_EQ(wait_for(rotating.refresh(issued->refresh)).error().reason, "grant_refused");
  EXPECT_TRUE(wait_for(rotating.refresh(renewed->refresh)));
}

TEST_F(MollieConnect, TellsWhoseATokenIs) {
  const auto account = wait_for(connect.account(tokens().access));
  ASSERT_TRUE(account) << account.error().detail;
  EXPECT_EQ(account->name, "Acme");
  EXPECT_TRUE(account->is_complete);
  ASSERT_EQ(account->profiles.size(), 2U);
  EXPECT_TRUE(account->profiles[0].id.starts_with("pfl_"));
  EXPECT_EQ(account->profiles[1].name, "Acme 2");
  for (const char* state : {"in-review", "needs-data"}) {
    const auto waiting = wait_for(connect.account(tokens(state).access));
    ASSERT_TRUE(waiting) << waiting.error().detail;
    EXPECT_FALSE(waiting->is_complete) << state;
  }
}

TEST_F(MollieConnect, PaysForTheProfileAndModeItSays) {
  const ProviderTokens issued = tokens();
  const auto account = wait_for(connect.account(issued.access));
  ASSERT_TRUE(account);
  const auto euros = *Money::parse_decimal("13.30", *Currency::parse("EUR"));
  const auto pay = [&](const ProviderAccess& by, const std::string& key) {
    return wait_for(provider.create(by, {euros, PaymentMethod::credit_card, "Order 7", "http://127.0.0.1:1/a", "",
                                         "0198c0de-0000-7000-8000-000000000001", key}));
  };
  const ProviderAccess test = access(issued, account->profiles[0].id),
                       live = access(issued, test.granted->profile_id, false);
  const auto made = pay(test, "key-1"), real = pay(live, "key-2");
  ASSERT_TRUE(made) << made.error().detail;
  ASSERT_TRUE(real) << real.error().detail;
  EXPECT_TRUE(wait_for(provider.find(test, made->id)));
  EXPECT_EQ(wait_for(provider.find(live, made->id)).error().code, ErrorCode::not_found) << "of the other mode";
  EXPECT_EQ(wait_for(provider.cancel(live, real->id))->state, AttemptState::canceled);
  EXPECT_EQ(pay(access(issued, "pfl_none"), "key-3").error().code, ErrorCode::invalid_input);
  EXPECT_FALSE(wait_for(provider.methods(test, {}))->empty());

  http::ClientRequest decision;
  decision.method = "POST";
  decision.url = made->checkout_url;
  decision.body = "outcome=paid";
  decision.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
  ASSERT_TRUE(wait_for(client->send(decision)));
  const auto refund = wait_for(provider.refund(test, made->id, {euros, "Back", "our id", "key-4"}));
  ASSERT_TRUE(refund) << refund.error().detail;
  EXPECT_TRUE(wait_for(provider.find_refund(test, made->id, refund->id)));
}

TEST_F(MollieConnect, IsUnavailableWithoutAServer) {
  providers::mollie::Provider nowhere(*client, "http://127.0.0.1:1", clock, random, {.tries = 1});
  providers::mollie::Connect gone(nowhere.client(), {"app_aaaaaaaaaaaa", Secret("x"), "", redirect_uri});
  EXPECT_EQ(wait_for(gone.exchange(Secret("auth_x"))).error().code, ErrorCode::unavailable);
  EXPECT_EQ(wait_for(gone.refresh(Secret("refresh_x"))).error().code, ErrorCode::unavailable);
  EXPECT_EQ(wait_for(gone.revoke(Secret("refresh_x"))).error().code, ErrorCode::unavailable);
  EXPECT_EQ(wait_for(gone.account(Secret("access_x"))).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace paylink
