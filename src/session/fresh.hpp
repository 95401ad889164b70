#pragma once

#include <string_view>

#include "app/sessions.hpp"
#include "http/response.hpp"

namespace paylink::session {

// What must not be done by whoever finds a browser open needs a password that was typed within the last ten minutes.
inline constexpr std::chrono::minutes fresh_for{10};
bool is_fresh(const app::SignedIn& signed_in, Time now);

// 303 to the page that asks for the password again, and leads back to `target` (as to_sign_in says).
http::Response to_confirm(std::string_view target);

}  // namespace paylink::session
