#pragma once

#include "golden/storybook.hpp"

namespace paylink::golden {

// The page on which a merchant connects the provider, in every state.
void add_onboarding_pages(std::vector<Story>& stories, const pages::Language& language);

}  // namespace paylink::golden
