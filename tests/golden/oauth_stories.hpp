#pragma once

#include "golden/storybook.hpp"

namespace paylink::golden {

void add_oauth_pages(std::vector<Story>& stories, const pages::Language& language);

}  // namespace paylink::golden
