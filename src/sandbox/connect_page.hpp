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

// 404: a word that is too old, or none.
http::Response connect_unknown_page(const pages::Language& language);
// 400: not what the page's form sends.
http::Response connect_refused_page(const pages::Language& language);

}  // namespace paylink::sandbox
