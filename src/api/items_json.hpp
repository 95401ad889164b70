#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/compat.hpp"
#include "domain/money.hpp"
#include "json/reader.hpp"

namespace paylink::api {

// A basket's items as they were sent: their canonical JSON and what they cost.
struct DecodedItems {
  std::string json;
  Money total;
};

// Reads the array `items`; what is wrong with it goes to the reader's Faults, and then this is absent.
std::optional<DecodedItems> decode_items(const json::Reader& items, const app::CompatSettings& compat);

// `{value, currency}`, both reported on their own. Absent when either is wrong.
struct DecodedAmount {
  SignedMoney amount;
  std::string_view value;  // as sent
};
std::optional<DecodedAmount> decode_amount(const json::Reader& amount);

// What is said of a `code` that is no currency's: which there are, and which may have been meant.
std::string currency_advice(std::string_view code);

}  // namespace paylink::api
