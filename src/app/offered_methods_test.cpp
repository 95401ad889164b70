#include "app/offered_methods.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::now;
using app::testing::Shop;

class OfferedMethodsTest : public ::testing::Test, public Shop {
 protected:
  Result<PaymentMethods> ask(const std::string& amount = "", const std::string& currency = "EUR") {
    MethodsQuestion question;
    if (!amount.empty()) question.amount = *Money::parse_decimal(amount, *Currency::parse(currency));
    return now(methods(std::move(question), {organization.id, {}, {}}));
  }
  OfferedMethods methods{lane, provider, keys, database.clock};
};

TEST_F(OfferedMethodsTest, AreWhatTheProviderSaysForAMinute) {
  EXPECT_EQ(*ask("13.30"), provider.offered);
  provider.offered = {PaymentMethod::paypal};
  EXPECT_EQ(ask("13.30")->size(), 2U);
  EXPECT_EQ(*ask("13.31"), provider.offered);
  EXPECT_EQ(provider.methods_calls, 2);
  database.clock.advance(60s);
  EXPECT_EQ(*ask("13.30"), provider.offered);
}

TEST_F(OfferedMethodsTest, LeaveIdealOutForOtherMoney) {
  EXPECT_EQ(*ask("13.30", "USD"), PaymentMethods{PaymentMethod::credit_card});
}

TEST_F(OfferedMethodsTest, AreNoneWithoutAConnection) {
  ASSERT_TRUE(database.execute_script("UPDATE connections SET status = 'disabled'"));
  EXPECT_TRUE(ask()->empty());
  EXPECT_EQ(provider.methods_calls, 0);
}

TEST_F(OfferedMethodsTest, AreNotKnownWhileTheProviderIsSilent) {
  provider.failures = {FakeProvider::refused(), FakeProvider::silent()};
  for (int i = 0; i < 2; ++i) {
    const auto answer = ask();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  }
  EXPECT_TRUE(ask());
}

}  // namespace
}  // namespace paylink::app
