#include "http/router.hpp"

#include <algorithm>
#include <array>

namespace paylink::http {
namespace {

constexpr std::size_t segments_max = 16;

// The segments of "/a/b": "a" and "b"; a slash at the end makes an empty last one. A path of more than the longest
// pattern may have is cut, one segment too long to match.
struct Segments {
  explicit Segments(std::string_view path) {
    path.remove_prefix(1);
    for (;;) {
      const std::size_t end = path.find('/');
      values[count++] = path.substr(0, end);
      if (end == std::string_view::npos || count > segments_max) return;
      path.remove_prefix(end + 1);
    }
  }

  std::array<std::string_view, segments_max + 1> values;
  std::size_t count = 0;
};

// How an entry fits: -1 not at all, else the more the more of its leading segments are literal.
int fit(const std::vector<std::string>& pattern, const Segments& segments) {
  if (pattern.size() != segments.count) return -1;
  int quality = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool is_value = pattern[i] == "{}";
    if (is_value ? segments.values[i].empty() : pattern[i] != segments.values[i]) return -1;
    quality = quality * 2 + (is_value ? 0 : 1);
  }
  return quality;
}

}  // namespace

void PathTable::add(Method method, std::string_view pattern, std::size_t index) {
  ENSURE(pattern.starts_with('/'));
  Entry entry{method, {}, index};
  std::size_t values = 0;
  const Segments segments(pattern);
  ENSURE(segments.count <= segments_max);
  for (std::size_t i = 0; i < segments.count; ++i) {
    const std::string_view segment = segments.values[i];
    const bool value = segment.starts_with('{') && segment.ends_with('}');
    values += value ? 1 : 0;
    entry.segments.emplace_back(value ? "{}" : segment);
  }
  ENSURE(values <= PathValues::max);
  const auto same = [&](const Entry& other) { return other.method == method && other.segments == entry.segments; };
  ENSURE(std::ranges::none_of(entries_, same));
  entries_.push_back(std::move(entry));
}

PathTable::Match PathTable::find(Method method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  const Method wanted = method == Method::head ? Method::get : method;
  const Segments segments(path);
  int best = -1;
  for (const Entry& entry : entries_) best = std::max(best, fit(entry.segments, segments));
  if (best < 0) return match;
  match.matched = Matched::no_such_method;
  for (const Entry& entry : entries_) {
    if (fit(entry.segments, segments) != best) continue;
    if (entry.method != wanted) {
      match.allow += (match.allow.empty() ? "" : ", ") + std::string(method_name(entry.method));
      if (entry.method == Method::get) match.allow += ", HEAD";
      continue;
    }
    match.matched = Matched::found;
    match.index = entry.index;
    for (std::size_t i = 0; i < segments.count; ++i)
      if (entry.segments[i] == "{}") match.path.values[match.path.count++] = segments.values[i];
    return match;
  }
  return match;
}

}  // namespace paylink::http
