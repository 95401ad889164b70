#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "sql/postgres/connection.hpp"

// What tests on PostgreSQL share. `tools/postgres run` gives them a server.
namespace paylink::sql::postgres::testing {

// At the beginning of a test. Nobody may believe that CI has run it when it has not.
#define NEEDS_SERVER()                                                              \
  if (::paylink::sql::postgres::testing::server_url() == nullptr) {                 \
    const char* const ci = std::getenv("CI");                                       \
    if (ci != nullptr && std::string_view(ci) == "true") FAIL() << "no PostgreSQL"; \
    GTEST_SKIP() << "PAYLINK_POSTGRES is not set; run this by tools/postgres run";  \
  }

// Null without a server.
inline const char* server_url() { return std::getenv("PAYLINK_POSTGRES"); }

inline std::unique_ptr<Connection> connect(const std::string& url, std::string name = "test") {
  auto opened = Connection::open({.url = url, .application_name = std::move(name)});
  ENSURE(opened.has_value());
  return *std::move(opened);
}

// A schema of its own, gone at the end.
class Schema {
 public:
  Schema() : admin_(connect(server_url())) {
    static std::atomic<int> count{0};
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    ENSURE(admin_->execute_script("CREATE SCHEMA " + name_).has_value());
  }
  ~Schema() {
    const bool is_dropped = admin_->execute_script("DROP SCHEMA " + name_ + " CASCADE").has_value();
    static_cast<void>(is_dropped);
  }
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  std::string url() const { return std::string(server_url()) + "?options=-csearch_path%3D" + name_; }
  const std::string& name() const { return name_; }
  // A connection of the test's own, in no transaction.
  Connection& admin() { return *admin_; }

 private:
  std::unique_ptr<Connection> admin_;
  std::string name_;
};

}  // namespace paylink::sql::postgres::testing
