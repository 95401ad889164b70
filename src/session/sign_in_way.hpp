#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace paylink::session {

inline constexpr std::string_view account_path = "/account";
inline constexpr std::string_view sign_in_path = "/sign-in";
inline constexpr std::string_view confirm_path = "/account/confirm";

inline constexpr std::size_t return_path_max = 4096;  // an application's request to be allowed in is a long one

// Where to go on after signing in: `given` if it is a path of our own (with its query), else `/account`. Whoever makes
// up a link to our sign-in page so never sends its reader anywhere else.
std::string return_path(std::string_view given);

// The address of one of our pages that leads back to `target` afterwards.
std::string with_return(std::string_view path, std::string_view target);

// 303 to the sign-in page, which leads back to `target`: a path and query of ours that can be asked for by GET.
http::Response to_sign_in(std::string_view target);

}  // namespace paylink::session
