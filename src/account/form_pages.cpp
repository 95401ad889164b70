#include "account/form_pages.hpp"

#include "domain/new_password.hpp"

namespace paylink::account {

using pages::Language;
using pages::Values;

namespace {

// The browser counts UTF-16 units, which are never more than bytes.
std::string longest_password() { return std::to_string(password_bytes_max); }

}  // namespace

http::Response sign_in_page(const Language& language, const SignInPage& page) {
  Values values;
  values["title"] = title_of(language, "sign_in.title", page.faults);
  values["token"] = page.token;
  values["return"] = page.return_to;
  values["email"] = page.email;
  values["password_max"] = longest_password();
  if (page.signed_out != SignedOut::no)
    values["done"] = Values(
        "text",
        language.text(page.signed_out == SignedOut::here ? "sign_in.signed_out" : "sign_in.signed_out_everywhere"));
  set_faults(values, language, page.faults);
  return language.page(status_of(page.faults), "account/sign_in", values);
}

http::Response password_page(const Language& language, const PasswordPage& page) {
  Values values;
  set_frame(values, page.frame);
  values["title"] = title_of(language, "password.title", page.faults);
  values["token"] = page.token;
  values["email"] = page.frame.email;
  values["password_min"] = std::to_string(password_code_points_min);
  values["password_max"] = longest_password();
  set_faults(values, language, page.faults);
  return language.page(status_of(page.faults), "account/password", values);
}

http::Response confirm_page(const Language& language, const ConfirmPage& page) {
  Values values;
  set_frame(values, page.frame);
  values["title"] = title_of(language, "confirm.title", page.faults);
  values["token"] = page.token;
  values["return"] = page.return_to;
  values["email"] = page.frame.email;
  values["password_max"] = longest_password();
  set_faults(values, language, page.faults);
  return language.page(status_of(page.faults), "account/confirm", values);
}

http::Response onward_page(const Language& language, const std::string& path) {
  Values values;
  values["title"] = language.text("sign_in.onward");
  values["path"] = path;
  auto response = language.page(200, "account/onward", values);
  response.add_field("Refresh", "0; url=" + path);
  return response;
}

}  // namespace paylink::account
