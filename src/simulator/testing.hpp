#pragma once

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"
#include "json/document.hpp"

// What the simulator's tests share.
namespace paylink::simulator::testing {

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

// Runs a task to its end on whichever thread that is, and waits for it here.
template <class T>
T wait_for(Task<T> task) {
  const auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  start(
      std::move(task), [promise](T value) noexcept { promise->set_value(std::move(value)); },
      [promise](const std::exception_ptr& exception) noexcept { promise->set_exception(exception); });
  return future.get();
}

// The text, number or boolean at "a.b.0.c" of a JSON text; "null" for null, "absent" when there is nothing.
inline std::string at(std::string_view json, std::string_view path) {
  const auto document = json::Document::parse(json);
  if (!document) return "no JSON: " + std::string(json);
  auto value = document->root();
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    std::optional<json::Value> next;
    if (value.type() == json::Type::object) next = value.find(step);
    if (value.type() == json::Type::array) {
      std::string position = "0";
      for (const auto element : value.children()) {
        if (position == step) next = element;
        position = std::to_string(std::stoul(position) + 1);
      }
    }
    if (!next) return "absent";
    value = *next;
  }
  switch (value.type()) {
    case json::Type::null:
      return "null";
    case json::Type::boolean:
      return value.boolean() ? "true" : "false";
    case json::Type::number:
      return value.decimal();
    case json::Type::text:
      return std::string(value.text());
    default:
      return std::string(type_name(value.type()));
  }
}

}  // namespace paylink::simulator::testing
