#pragma once

#include <optional>
#include <string_view>

namespace paylink::account {

// What people call a browser and what it runs on, as far as a User-Agent field tells; for nothing but to be shown.
struct BrowserName {
  std::string_view browser;  // "Firefox"
  std::string_view system;   // "Windows"; empty: not known
};

// Absent for what is none of the usual browsers.
std::optional<BrowserName> browser_name(std::string_view user_agent);

}  // namespace paylink::account
