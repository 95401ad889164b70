#include "account/sign_in_routes.hpp"

#include <variant>

#include "account/form_pages.hpp"
#include "account/requests.hpp"
#include "domain/email.hpp"
#include "session/forms.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::account {
namespace {

using runtime::Access;
using runtime::Input;
using session::field_of;

constexpr std::size_t email_bytes_max = 254;

// Somebody who typed an address and a password; there may be faults already.
struct SignInForm {
  app::Claim claim;
  app::SignIn::Browser browser;
  std::string return_to;
  FormFaults faults{};
};

// Somebody who is signed in now, or the form once more.
struct Entered {
  app::NewSession session;
  std::string return_to;
};
using SignInReply = std::variant<Entered, SignInPage>;

// The page needs a cookie to be bound to before anybody is signed in: else a stranger's page could sign a browser in
// with the stranger's account. A browser that keeps none is told so when it sends the form.
http::Response show_sign_in(const Account& account, SignInPage page, const http::Request& request) {
  const auto known = account.cookies.browser(request);
  const auto browser = known ? *known : account.cookies.new_browser(account.random);
  page.token = token_for(account, session::sign_in_path, browser.hash);
  auto response = sign_in_page(language_of(account, request), page);
  if (!known) account.cookies.know(response, browser);
  return response;
}

SignedOut signed_out_as(const Account& account, const Visit& visit, const http::Request& request) {
  const auto browser = account.cookies.browser(request);
  const std::string done = browser ? told_at(account, session::sign_in_path, visit, browser->hash) : std::string();
  if (done == "signed_out") return SignedOut::here;
  return done == "signed_out_everywhere" ? SignedOut::everywhere : SignedOut::no;
}

// Whoever is signed in already is told only where to go on.
struct AtSignIn {
  bool is_signed_in;
  Visit visit;
};

Task<Result<AtSignIn>> look_who(std::shared_ptr<const Account> account, Visit visit) {
  CO_TRY(signed_in, co_await app::recognize(visit.presented, account->lane, account->clock));
  co_return AtSignIn{signed_in.has_value(), std::move(visit)};
}

Result<SignInForm> decode_sign_in(const Account& account, const http::Request& request) {
  auto submission = TRY(read_submission(account, request));
  const auto browser = account.cookies.browser(request);
  if (!browser) return session::form_expired();
  const std::string token = field_of(submission.form, "token", session::form_token_max);
  const session::FormPlace place{session::sign_in_path, browser->hash};
  TRY(session::check_form_token(account.keys, place, token, account.clock.now()));
  SignInForm form{
      .claim = {field_of(submission.form, "email", email_bytes_max),
                Secret(field_of(submission.form, "password", password_bytes_max)), std::move(submission.networks)},
      .browser = {std::string(request.field("User-Agent").value_or("")), std::move(submission.presented)},
      .return_to = session::return_path(field_of(submission.form, "return", session::return_path_max))};
  if (normal_email(form.claim.email).empty()) form.faults.push_back(FormFault::email_missing);
  if (form.claim.password.reveal().empty()) form.faults.push_back(FormFault::password_missing);
  return form;
}

Task<Result<SignInReply>> sign_in(std::shared_ptr<const Account> account, SignInForm form) {
  SignInPage again{.return_to = form.return_to, .email = form.claim.email, .faults = form.faults};
  if (!form.faults.empty()) co_return SignInReply(std::move(again));
  auto begun = co_await account->sign_in.sign_in(std::move(form.claim), std::move(form.browser));
  if (begun) co_return SignInReply(Entered{*std::move(begun), std::move(form.return_to)});
  if (begun.error().reason != "wrong_password") co_return std::move(begun).failure();
  again.faults.push_back(FormFault::sign_in_wrong);
  co_return SignInReply(std::move(again));
}

Task<Result<std::monostate>> sign_out(std::shared_ptr<const Account> account, Submission submission) {
  CO_TRY(signed_in, co_await enter(*account, submission));
  const auto end = [&](sql::Transaction& tx) { return app::end_session(signed_in, tx); };
  CO_CHECK(co_await account->lane.write(sql::Tenant::nobody(), end));
  co_return std::monostate();
}

}  // namespace

void add_sign_in_routes(runtime::Routes& routes, const std::shared_ptr<const Account>& account) {
  routes.flow(
      http::Method::get, session::sign_in_path, Access::open(),
      [account](const Input& input) { return read_visit(*account, input.request); },
      [account](Visit visit) { return look_who(account, std::move(visit)); },
      [account](const AtSignIn& at, const http::Request& request) {
        const std::string& return_to = at.visit.return_to;
        if (at.is_signed_in && leads_to_applications(return_to))
          return onward_page(language_of(*account, request), return_to);
        if (at.is_signed_in) return http::see_other(return_to);
        const SignInPage page{.return_to = return_to, .signed_out = signed_out_as(*account, at.visit, request)};
        return show_sign_in(*account, page, request);
      });
  routes.flow(
      http::Method::post, session::sign_in_path, Access::open(),
      [account](const Input& input) { return decode_sign_in(*account, input.request); },
      [account](SignInForm form) { return sign_in(account, std::move(form)); },
      [account](const SignInReply& reply, const http::Request& request) {
        if (const auto* page = std::get_if<SignInPage>(&reply)) return show_sign_in(*account, *page, request);
        const auto& entered = std::get<Entered>(reply);
        auto response = http::see_other(onward_from_form(entered.return_to));
        account->cookies.begin(response, entered.session);
        return response;
      });
  routes.flow(
      http::Method::post, "/sign-out", Access::session(),
      [account](const Input& input) { return read_submission(*account, input.request); },
      [account](Submission submission) { return sign_out(account, std::move(submission)); },
      [account](const std::monostate&, const http::Request& request) {
        return show_signed_out(*account, "signed_out", request);
      });
}

}  // namespace paylink::account
