#include "oauth/parameters.hpp"

#include <algorithm>

namespace paylink::oauth {
namespace {

using Pair = http::Pairs::value_type;

}  // namespace

std::optional<Parameters> Parameters::parse(std::string_view text) {
  auto pairs = http::parse_pairs(text);
  if (!pairs) return std::nullopt;
  Parameters parameters;
  parameters.pairs_ = *std::move(pairs);
  std::erase_if(parameters.pairs_, [](const Pair& pair) { return pair.second.empty(); });
  return parameters;
}

std::optional<std::string> Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find(pairs_, name, &Pair::first);
  if (found == pairs_.end() || std::ranges::count(pairs_, name, &Pair::first) > 1 || found->second.empty())
    return std::nullopt;
  return found->second;
}

bool Parameters::has(std::string_view name) const {
  return std::ranges::find(pairs_, name, &Pair::first) != pairs_.end();
}

std::optional<std::string> Parameters::repeated() const {
  std::vector<std::string_view> names;
  for (const auto& pair : pairs_) names.push_back(pair.first);
  std::ranges::sort(names);
  const auto found = std::ranges::adjacent_find(names);
  return found == names.end() ? std::nullopt : std::optional<std::string>(*found);
}

}  // namespace paylink::oauth
