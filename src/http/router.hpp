#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.hpp"
#include "http/request.hpp"

namespace paylink::http {

// The values of a pattern's `{name}` segments, percent-encoded as sent, in the pattern's order.
struct PathValues {
  static constexpr std::size_t max = 4;
  std::string_view values[max];
  std::size_t count = 0;
};

enum class Matched : std::uint8_t { found, no_such_path, no_such_method };

// Finds the route of a method and path. Patterns are absolute paths whose segments are literal or `{name}`; a literal
// segment wins over a `{name}` one. HEAD finds the route of GET.
class PathTable {
 public:
  // `index` is the caller's number for the route. Registering the same method and shape twice is a bug.
  void add(Method method, std::string_view pattern, std::size_t index);

  struct Match {
    Matched matched = Matched::no_such_path;
    std::size_t index = 0;
    PathValues path;
    std::string allow;  // with no_such_method: the value of the Allow field
  };
  Match find(Method method, std::string_view path) const;

 private:
  struct Entry {
    Method method;
    std::vector<std::string> segments;  // "{}" for a value
    std::size_t index;
  };
  std::vector<Entry> entries_;
};

}  // namespace paylink::http
