#pragma once

#include <string>
#include <string_view>

// Sentences of `error_description`, for whoever develops an application.
namespace paylink::oauth {

// As much of what was sent as may stand in a description: RFC 6749, sections 4.1.2.1 and 5.2, allow printable ASCII
// without quotes and backslashes.
std::string shown(std::string_view word);

std::string repeated_parameter(std::string_view name);

// Why Scopes::parse does not read the parameter scope.
std::string unreadable_scopes(std::string_view text);

}  // namespace paylink::oauth
