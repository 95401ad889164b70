#pragma once

#include <cstdint>
#include <string>

#include "account/form_pages.hpp"
#include "app/account.hpp"

namespace paylink::account {

enum class Done : std::uint8_t { nothing, password_changed, application_revoked };  // just now

struct AccountPage {
  Frame frame;
  app::AccountView view;
  store::SessionId here;  // the session of the browser that looks
  std::string revoke_token, everywhere_token;
  Done done = Done::nothing;
};

http::Response account_page(const pages::Language& language, const AccountPage& page);

}  // namespace paylink::account
