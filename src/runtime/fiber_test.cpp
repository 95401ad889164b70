#include "runtime/fiber.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/ensure.hpp"

namespace paylink::runtime {
namespace {

TEST(Fiber, PausesInTheMiddleOfACall) {
  std::string heard;
  const auto say_twice = [&](char c) {
    heard += c;
    Fiber::pause();
    heard += c;
  };
  Fiber first, second;
  first.start([&] { say_twice('a'); });
  second.start([&] { say_twice('b'); });
  EXPECT_EQ(heard, "ab");
  second.resume();
  EXPECT_TRUE(second.is_done());
  EXPECT_FALSE(first.is_done());
  first.resume();
  EXPECT_EQ(heard, "abba");
  EXPECT_TRUE(first.is_done());
}

TEST(Fiber, IsUsedAgain) {
  Fiber fiber;
  int runs = 0;
  for (int i = 0; i < 1000; ++i) {
    fiber.start([&] {
      Fiber::pause();
      ++runs;
    });
    fiber.resume();
  }
  EXPECT_EQ(runs, 1000);
}

TEST(Fiber, CatchesWhatIsThrownInside) {
  std::vector<std::unique_ptr<Fiber>> fibers;
  int caught = 0;
  for (int i = 0; i < 20; ++i) {
    fibers.push_back(std::make_unique<Fiber>());
    fibers.back()->start([&, i] {
      const std::string local(100 + static_cast<std::size_t>(i), 'x');
      try {
        Fiber::pause();
        throw std::runtime_error(local);
      } catch (const std::exception& exception) {
        if (local == exception.what()) ++caught;
      }
    });
  }
  for (const auto& fiber : fibers) fiber->resume();
  EXPECT_EQ(caught, 20);
}

TEST(Fiber, EndsOnlyOnceAndPausesOnlyInside) {
  EXPECT_THROW(Fiber::pause(), BrokenInvariant);
  Fiber fiber;
  fiber.start([] {});
  EXPECT_THROW(fiber.resume(), BrokenInvariant);
  fiber.start([] { Fiber::pause(); });
  EXPECT_THROW(fiber.start([] {}), BrokenInvariant);
  fiber.resume();
}

TEST(Fiber, HasEachThreadsOwn) {
  std::vector<std::thread> threads;
  std::atomic<int> sum{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      Fiber one, two;
      for (int i = 0; i < 100; ++i) {
        one.start([&] { Fiber::pause(), ++sum; });
        two.start([&] { Fiber::pause(), ++sum; });
        one.resume();
        two.resume();
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum, 800);
}

}  // namespace
}  // namespace paylink::runtime
