#pragma once

#include <cstdint>
#include <string>

#include "account/faults.hpp"
#include "http/response.hpp"
#include "pages/site.hpp"
#include "session/frame.hpp"

namespace paylink::account {

using session::Frame;

enum class SignedOut : std::uint8_t { no, here, everywhere };  // just now

// Fields: token, return, email, password.
struct SignInPage {
  std::string token{};
  std::string return_to;
  std::string email{};  // as typed before
  SignedOut signed_out = SignedOut::no;
  FormFaults faults{};
};

// Fields: token, current, new, again.
struct PasswordPage {
  Frame frame;
  std::string token;
  FormFaults faults{};
};

// Fields: token, return, password.
struct ConfirmPage {
  Frame frame;
  std::string token;
  std::string return_to;
  FormFaults faults{};
};

// Each is 200, or 422 when there are faults. No password is ever written into a page.
http::Response sign_in_page(const pages::Language& language, const SignInPage& page);
http::Response password_page(const pages::Language& language, const PasswordPage& page);
http::Response confirm_page(const pages::Language& language, const ConfirmPage& page);

// Leads on by itself and by a link to `path`, one of ours.
http::Response onward_page(const pages::Language& language, const std::string& path);

}  // namespace paylink::account
