#pragma once

#include <string>
#include <vector>

#include "http/response.hpp"
#include "pages/site.hpp"

namespace paylink::golden {

struct Story {
  std::string name;  // a file name without its ending
  http::Response page;
};

// What somebody could have typed, or called an item, to be taken for markup, a template or a message.
inline constexpr auto hostile =
    R"(</title><script>alert(1)</script>"'><img src=x onerror=alert(2)> {{token}} {name} & Söhne)";

// Every page in every state, from canned data.
std::vector<Story> storybook(const pages::Language& language);

}  // namespace paylink::golden
