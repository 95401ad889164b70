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

// Every page in every state, from canned data.
std::vector<Story> storybook(const pages::Language& language);

}  // namespace paylink::golden
