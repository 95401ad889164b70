#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/testing.hpp"
#include "control/address.hpp"
#include "control/client.hpp"
#include "control/server.hpp"

namespace paylink::control {
namespace {

using namespace std::chrono_literals;

class ControlTest : public ::testing::Test {
 protected:
  std::unique_ptr<Server> serve() {
    auto server = Server::create(path, [this](std::string_view line, uid_t user) {
      ++asked;
      return std::to_string(user) + " " + std::string(line.substr(0, 40));
    });
    EXPECT_TRUE(server.has_value());
    return server ? *std::move(server) : nullptr;
  }
  // A connection that speaks for itself.
  int connect_raw() const {
    const auto address = Address::of(path);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(socket, address->get(), address->size()), 0);
    const timeval patience{8, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return socket;
  }
  // A server that a test plays itself.
  int listen_raw() const {
    const auto address = Address::of(path);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(listener, address->get(), address->size()), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    return listener;
  }
  static bool is_closed(int socket) {
    char byte = 0;
    return ::recv(socket, &byte, 1, 0) == 0;
  }

  SystemRandom random;
  TemporaryDirectory directory{random};
  std::string path = directory.file("control.sock");
  std::atomic<int> asked = 0;
};

TEST_F(ControlTest, AnswersALine) {
  const auto server = serve();
  const auto answer = ask(path, "hello");
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(**answer, std::to_string(::geteuid()) + " hello");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(ControlTest, IsNobodyWithoutAServer) {
  const auto answer = ask(path, "hello");
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->has_value());
  serve().reset();
  EXPECT_FALSE(std::filesystem::exists(path)) << "a server that stops takes its socket away";
}

TEST_F(ControlTest, ReplacesWhatADeadServerLeft) {
  const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = Address::of(path);
  ASSERT_EQ(::bind(left, address->get(), address->size()), 0);
  ::close(left);
  const auto nobody = ask(path, "hello");
  ASSERT_TRUE(nobody.has_value());
  EXPECT_FALSE(nobody->has_value());
  const auto server = serve();
  ASSERT_TRUE(server);
  EXPECT_TRUE(**ask(path, "hello") != "");
}

TEST_F(ControlTest, LivesAtALongPath) {
  std::string deep = directory.file("deep");
  for (int i = 0; i < 4; ++i) deep += "/" + std::string(60, 'd');
  std::filesystem::create_directories(deep);
  path = deep + "/control.sock";
  const auto server = serve();
  const auto answer = ask(path, "hello");
  ASSERT_TRUE(answer && *answer);
}

TEST_F(ControlTest, TakesALineOfLimitedLength) {
  const auto server = serve();
  const auto at_the_edge = ask(path, std::string(request_bytes_max, 'x'));
  ASSERT_TRUE(at_the_edge && *at_the_edge);
  const auto beyond = ask(path, std::string(request_bytes_max + 1, 'x'));
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().reason, "no_answer");
  EXPECT_EQ(asked, 1);
}

TEST_F(ControlTest, DoesNotWaitForWhoSaysNothing) {
  const auto server = serve();
  const int silent = connect_raw();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(is_closed(silent));
  const auto waited = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(waited, 4s);
  EXPECT_LE(waited, 7s);
  ::close(silent);
}

TEST_F(ControlTest, IsAskedWithinItsTimeThoughAWordComesNowAndThen) {
  bool over = false;
  const int listener = listen_raw();
  std::thread server([&] {
    const int peer = ::accept(listener, nullptr, nullptr);
    for (int i = 0; i < 40 && !over; ++i) {
      over = ::send(peer, "x", 1, MSG_NOSIGNAL) < 0;
      std::this_thread::sleep_for(50ms);
    }
    ::close(peer);
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = ask(path, "hello", 300ms);
  EXPECT_LE(std::chrono::steady_clock::now() - begun, 1s);
  server.join();
  ::close(listener);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().reason, "no_answer");
}

TEST_F(ControlTest, LetsEightBeSilentAtOnce) {
  const auto server = serve();
  std::vector<int> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(connect_raw());
  // The ninth is answered once one of them is gone.
  std::thread leaves([&] {
    std::this_thread::sleep_for(200ms);
    ::close(silent.back());
  });
  EXPECT_TRUE(ask(path, "hello").has_value());
  leaves.join();
  silent.pop_back();
  for (const int socket : silent) ::close(socket);
}

TEST_F(ControlTest, RefusesAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  constexpr uid_t nobody = 65534;
  // As it would be if the file's mode were all that keeps others out.
  std::filesystem::permissions(directory.file("."), std::filesystem::perms::all);
  const auto server = serve();
  std::filesystem::permissions(path, std::filesystem::perms::all);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setuid(nobody) != 0) ::_exit(2);
    const auto answer = ask(path, "hello");
    ::_exit(answer.has_value() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace paylink::control
