#pragma once

#include "app/connections.hpp"
#include "pages/site.hpp"

namespace paylink::sandbox {

// After a decision the page leads back by itself, else by a link: a redirect out of a form to another origin would be
// cut off by `form-action 'self'`.
enum class Leave : std::uint8_t { by_link, at_once };

// The page of a connection. Its form sends `decision`, `enable` or `disable`, to `action` on the same origin.
http::Response connect_page(const pages::Language& language, const app::ConnectionView& view, const std::string& action,
                            Leave leave);

// Why there is no such page (a word that is too old, or none), why a form is refused, or that it is not the time.
http::Response connect_error_page(const pages::Language& language, const Error& error);

}  // namespace paylink::sandbox
