#include "session/fresh.hpp"

#include "session/sign_in_way.hpp"

namespace paylink::session {

bool is_fresh(const app::SignedIn& signed_in, Time now) {
  // Typed later than now it was on a clock that has been put back since, and nobody knows when.
  constexpr std::chrono::minutes apart{1};  // the clocks of two nodes, at most
  const auto age = now - signed_in.session.authenticated_at;
  return age < fresh_for && age > -apart;
}

http::Response to_confirm(std::string_view target) { return http::see_other(with_return(confirm_path, target)); }

}  // namespace paylink::session
