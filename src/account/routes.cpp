#include "account/routes.hpp"

#include <memory>

#include "account/account_routes.hpp"
#include "account/password_routes.hpp"
#include "account/requests.hpp"
#include "account/sign_in_routes.hpp"

namespace paylink::account {

std::vector<runtime::Route> routes(Account account) {
  const auto shared = std::make_shared<const Account>(std::move(account));
  runtime::Routes routes(
      [shared](const Error& error, const http::Request& request) { return show_error(*shared, error, request); });
  add_sign_in_routes(routes, shared);
  add_account_routes(routes, shared);
  add_password_routes(routes, shared);
  return routes.take();
}

}  // namespace paylink::account
