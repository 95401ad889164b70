#pragma once

#include <string>
#include <string_view>

#include "http/response.hpp"

namespace paylink::session {

inline constexpr std::string_view account_path = "/account";
inline constexpr std::string_view sign_in_path = "/sign-in";

// Where to go on after signing in: `given` if it is a path of our own (with its query), else `/account`. Whoever makes
// up a link to our sign-in page so never sends its reader anywhere else.
std::string return_path(std::string_view given);

// 303 to the sign-in page, which leads back to `target`: a path and query of ours that can be asked for by GET.
http::Response to_sign_in(std::string_view target);

}  // namespace paylink::session
