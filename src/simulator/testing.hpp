#pragma once

#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "base/testing.hpp"
#include "json/document.hpp"

// What the simulator's tests share.
namespace paylink::simulator::testing {

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
