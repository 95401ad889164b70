#pragma once

#include <string>

#include "http/response.hpp"
#include "pages/site.hpp"

namespace paylink::checkout {

// A page about something that is not decided yet loads itself again, but not for ever: who reads slowly, or by ear,
// would be thrown back to its beginning again and again (WCAG 2.2, 2.2.1). After so many times it has a link instead.
inline constexpr int reloads_max = 10;

struct Reload {
  std::string query{};  // of the page, without the count
  int count = 0;        // how often it has loaded itself so far

  bool is_over() const { return count >= reloads_max; }
};

// The query's name for the count.
inline constexpr std::string_view reload_count_name = "reloads";

// The values of a page's template: that it does so, or the link instead.
void set_reload(pages::Values& values, const Reload& reload);
// Has the browser load the page again, counted, unless that is over.
void add_reload(http::Response& response, const Reload& reload, int after_seconds);

}  // namespace paylink::checkout
