#include "routes.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "answers.hpp"

namespace paylink::scenario {

// The log is written behind the program's back: what was logged before the first request is there once that is.
std::vector<Route> routes_of(const Process& process) {
  EXPECT_TRUE(eventually([&] { return process.err().find(R"("event":"request")") != std::string::npos; }));
  std::vector<Route> routes;
  std::istringstream lines(process.err());
  for (std::string line; std::getline(lines, line);)
    if (at(line, "/event") == "route")
      routes.push_back({at(line, "/method"), at(line, "/pattern"), at(line, "/access")});
  return routes;
}

std::string filled(const std::string& pattern, const std::string& value, const std::string& second) {
  const std::size_t open = pattern.find('{');
  if (open == std::string::npos) return pattern;
  const std::string rest = pattern.substr(pattern.find('}') + 1);
  return pattern.substr(0, open) + value + filled(rest, second, second);
}

}  // namespace paylink::scenario
