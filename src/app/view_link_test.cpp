#include "app/view_link.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"

namespace paylink::app {
namespace {

class ViewLinkTest : public ::testing::Test, public testing::Shop {
 protected:
  MoneyMode of(const Attempt& attempt) {
    const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
    return database
        .write(organization.id, [&](sql::Transaction& tx) { return view_attempt({organization.id, token}, tx); })
        ->link.mode;
  }
  MoneyMode of_link() {
    return database
        .write(organization.id,
               [&](sql::Transaction& tx) { return view_link({organization.id, link.resource_id}, tx); })
        ->mode;
  }
  void connect_as(const std::string& mode, const std::string& status) {
    ENSURE(database.execute_script("UPDATE connections SET mode = '" + mode + "', status = '" + status + "'"));
  }
};

// Nobody who has paid may read that it was only a test, nor the other way round.
TEST_F(ViewLinkTest, AnAttemptIsOfTheModeItWasMadeIn) {
  connect_as("live", "enabled");
  EXPECT_EQ(of_link(), MoneyMode::live);
  const Attempt attempt = begin();
  connect_as("live", "disabled");
  EXPECT_EQ(of(attempt), MoneyMode::live);
  EXPECT_EQ(of_link(), MoneyMode::live) << "of who has begun to pay it";
  connect_as("test", "disabled");
  EXPECT_EQ(of(attempt), MoneyMode::test);
  EXPECT_EQ(of_link(), MoneyMode::test);
  provider.pay("tr_1");
  settle(attempt);
  EXPECT_EQ(of_link(), MoneyMode::live) << "nobody knows of which it would be";
  connect_as("test", "enabled");
  EXPECT_EQ(of_link(), MoneyMode::test);
}

}  // namespace
}  // namespace paylink::app
