#include "session/fresh.hpp"

#include "session/sign_in_way.hpp"

namespace paylink::session {

bool is_fresh(const app::SignedIn& signed_in, Time now) { return now < signed_in.session.authenticated_at + fresh_for; }

http::Response to_confirm(std::string_view target) { return http::see_other(with_return(confirm_path, target)); }

}  // namespace paylink::session
