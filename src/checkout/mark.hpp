#pragma once

#include <cstdint>

#include "pages/templates.hpp"

namespace paylink::checkout {

// The sign at the head of a page, for the eye only: the heading says the same.
enum class Mark : std::uint8_t { good, bad, wait, plain };

// The values of the template checkout/mark.
pages::Values mark_values(Mark mark);

}  // namespace paylink::checkout
