#include "sql/postgres/protection.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace paylink::sql::postgres {
namespace {

// The environment of a machine where nothing is said.
class PostgresProtection : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : names) {
      const char* const value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? std::nullopt : std::optional<std::string>(value));
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_)
      if (value)
        ::setenv(name, value->c_str(), 1);
      else
        ::unsetenv(name);
  }

  static constexpr const char* names[] = {"PGSSLMODE", "PGGSSENCMODE", "PGHOST", "PGHOSTADDR", "PGSERVICE"};

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

TEST_F(PostgresProtection, IsNeededWithOtherMachines) {
  struct Case {
    std::string url, host;
  };
  const Case cases[] = {
      {"postgresql://paylink@db.internal/paylink", "db.internal"},
      {"postgres://paylink:secret@192.0.2.1:5433/paylink", "192.0.2.1"},
      {"postgresql://paylink@127.0.0.1.evil.example/paylink", "127.0.0.1.evil.example"},
      {"postgresql://paylink@[2001:db8::1]/paylink", "2001:db8::1"},
      {"postgresql://paylink@localhost,db.internal/paylink", "db.internal"},
      {"postgresql://paylink@localhost/paylink?hostaddr=192.0.2.1", "192.0.2.1"},
      {"postgresql://paylink@/paylink?host=db.internal&sslrootcert=ca.pem", "db.internal"},
      {"postgresql://paylink@/paylink?service=shop", "of the service shop"},
      {"postgresql://paylink@localhost/paylink?service=shop", "of the service shop"},
      {"postgresql://paylink@/paylink?service=shop&sslmode=verify-full", ""},
      {"postgresql://near,db.internal/paylink?hostaddr=127.0.0.1,", "near"},
      {"postgresql://near/paylink?hostaddr=127.0.0.1", ""},
      {"postgresql://paylink@db.internal/paylink?sslmode=verify-full", ""},
      {"postgresql://paylink@db.internal/paylink?sslmode=disable", ""},
      {"postgresql://paylink@db.internal/paylink?gssencmode=require", ""},
      {"postgresql://paylink@db.internal/paylink?gssencmode=prefer", "db.internal"},
      {"postgresql:///paylink", ""},
      {"postgresql://paylink@%2Fvar%2Frun%2Fpostgresql/paylink", ""},
      {"postgresql://paylink@127.0.0.2:5433/paylink", ""},
      {"postgresql://paylink@[::1],localhost,127.0.0.1/paylink", ""},
  };
  for (const Case& c : cases) {
    const auto host = unprotected_host(c.url);
    ASSERT_TRUE(host.has_value()) << c.url;
    EXPECT_EQ(*host, c.host) << c.url;
  }
}

TEST_F(PostgresProtection, MayBeSaidInTheEnvironment) {
  const std::string near = "postgresql:///paylink", far = "postgresql://db.internal/paylink";
  ::setenv("PGHOST", "db.internal", 1);
  EXPECT_EQ(*unprotected_host(near), "db.internal");
  ::setenv("PGSSLMODE", "verify-full", 1);
  EXPECT_EQ(*unprotected_host(near), "");
  EXPECT_EQ(*unprotected_host(far), "");
}

TEST_F(PostgresProtection, SaysNothingOfWhatItCannotRead) {
  for (const char* url :
       {"postgresql://paylink:secret@[::1/paylink", "postgresql://paylink:pa@secret@db.internal/paylink",
        "postgresql://paylink:pa@secret@localhost/paylink?sslmode=disable",
        "postgresql://paylink:1/secret@localhost/paylink", "postgresql://paylink:p/secret@localhost/paylink"}) {
    const auto refused = unprotected_host(url);
    ASSERT_FALSE(refused.has_value()) << url;
    EXPECT_EQ(refused.error().reason, "bad_setting");
    EXPECT_EQ((refused.error().message + refused.error().detail).find("secret"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace paylink::sql::postgres
