#pragma once

#include <string_view>
#include <vector>

#include "app/compat.hpp"
#include "base/result.hpp"
#include "domain/items.hpp"

namespace paylink::app {

// Reads a basket's items back (domain/payment_link.hpp). `unit` must be the one they were sent in. Text that this
// program did not write fails with `damaged_items` (internal).
Result<std::vector<Item>> read_items(std::string_view items_json, VatRateUnit unit);

}  // namespace paylink::app
