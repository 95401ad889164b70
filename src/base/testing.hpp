#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"

// What tests of every folder share.
namespace paylink {

// Stands still until it is moved.
class ManualClock final : public Clock {
 public:
  Time now() const override { return from_microseconds(microseconds_); }
  void advance(std::chrono::microseconds by) { microseconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> microseconds_{1'710'925'200'000'000};  // 2024-03-20T09:00:00Z
};

// A directory of its own, gone with this.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(Random& random)
      : path_(std::filesystem::temp_directory_path() / ("paylink-test-" + Uuid::v4(random).text())) {
    std::filesystem::create_directory(path_);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace paylink
