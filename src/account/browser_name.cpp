#include "account/browser_name.hpp"

namespace paylink::account {
namespace {

struct Sign {
  std::string_view text;
  std::string_view name;
};

// Most call themselves Chrome or Safari as well: the more particular comes first.
constexpr Sign browsers[] = {
    {"Edg/", "Edge"},        {"EdgA/", "Edge"},       {"EdgiOS/", "Edge"},
    {"OPR/", "Opera"},       {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},   {"CriOS/", "Chrome"},
    {"Chrome/", "Chrome"},   {"Safari/", "Safari"},
};

// Android says that it is Linux, and an iPad that it is like a Mac.
constexpr Sign systems[] = {
    {"iPhone", "iPhone"}, {"iPad", "iPad"},       {"Android", "Android"}, {"Windows", "Windows"},
    {"CrOS", "ChromeOS"}, {"Macintosh", "macOS"}, {"Linux", "Linux"},
};

template <std::size_t N>
std::string_view find(const Sign (&signs)[N], std::string_view text) {
  for (const Sign& sign : signs)
    if (text.find(sign.text) != std::string_view::npos) return sign.name;
  return {};
}

}  // namespace

std::optional<BrowserName> browser_name(std::string_view user_agent) {
  const auto browser = find(browsers, user_agent);
  if (browser.empty()) return std::nullopt;
  return BrowserName{browser, find(systems, user_agent)};
}

}  // namespace paylink::account
