#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "runtime/testing_postgres.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using sql::postgres::testing::Fault;
using testing::TestWork;
using testing::postgres::Fixture;
using testing::postgres::insert;

// Of the whole cluster: as long as this lives, every commit waits for a standby that never comes.
class StandbyAway {
 public:
  StandbyAway() {
    set("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    std::this_thread::sleep_for(500ms);  // until all of the server's processes know it
  }
  ~StandbyAway() { set("ALTER SYSTEM RESET synchronous_standby_names"); }
  StandbyAway(const StandbyAway&) = delete;
  StandbyAway& operator=(const StandbyAway&) = delete;

 private:
  void set(const std::string& how) {
    EXPECT_TRUE(admin_->execute_script(how));
    EXPECT_TRUE(admin_->execute_script("SELECT pg_reload_conf()"));
  }
  static std::string url_of_superuser() {
    std::string url = sql::postgres::testing::server_url();
    const std::size_t name = url.find("//") + 2;
    return url.replace(name, url.find('@') - name, "postgres");
  }

  std::unique_ptr<sql::postgres::Connection> admin_ = sql::postgres::testing::connect(url_of_superuser());
};

// Runs this test again beside a cluster of its own, where nobody else's commits wait: `is_alone` in there.
bool is_alone() { return std::getenv("PAYLINK_STANDBY_TEST") != nullptr; }

int run_alone(const char* test) {
  const auto tools = std::filesystem::path(__FILE__).parent_path() / "../../tools/postgres";
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "env -u PAYLINK_POSTGRES -u GTEST_OUTPUT -u XML_OUTPUT_FILE PAYLINK_STANDBY_TEST=1 '" +
                              tools.string() + "' run '" + program + "' --gtest_filter=" + test;
  return std::system(command.c_str());
}

TEST(PostgresStandby, IsWaitedForByWhoLooksUpACommit) {
  NEEDS_SERVER();
  if (!is_alone()) {
    EXPECT_EQ(run_alone("PostgresStandby.IsWaitedForByWhoLooksUpACommit"), 0);
    return;
  }
  for (const bool comes_back : {false, true}) {
    SCOPED_TRACE(comes_back);
    Fixture test;
    test.options.fate_time = comes_back ? 15s : 500ms;
    test.start();
    TestWork before(insert("before")), work(insert("a")), after(insert("after"));
    test.lane->submit_write(before);
    EXPECT_EQ(before.reason(), "");
    auto away = std::make_unique<StandbyAway>();
    test.proxy.break_next_commit(Fault::client_gone);
    test.lane->submit_write(work);
    if (comes_back) {
      EXPECT_FALSE(work.wait(1s).has_value());
      away.reset();
    }
    EXPECT_EQ(work.reason(), comes_back ? "" : "outcome_unknown");
    EXPECT_EQ(work.runs, 1);
    EXPECT_EQ(test.stored("a"), 1);
    away.reset();
    test.lane->submit_write(after);
    EXPECT_EQ(after.reason(), "");
    EXPECT_EQ(after.runs, 1);
  }
}

}  // namespace
}  // namespace paylink::runtime
