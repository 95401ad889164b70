#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace paylink::pages {

// Where a file of web/assets is served: "checkout.css" → "/assets/checkout.<content hash>.css". Absent when there is
// none.
std::optional<std::string> asset_address(std::string_view name);

// The file at such an address (the path of a request), to be kept by browsers for ever; absent for any other path.
std::optional<http::Response> asset(std::string_view path);

}  // namespace paylink::pages
