#include "account/password_routes.hpp"

#include <variant>

#include "account/form_pages.hpp"
#include "account/requests.hpp"
#include "session/forms.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::account {
namespace {

using runtime::Access;
using runtime::Input;
using session::field_of;

constexpr std::string_view password_path = "/account/password";

// A form to be shown, with what was wrong with it.
struct Shown {
  std::string email;
  std::string binding;
  std::string return_to{};
  FormFaults faults{};
};

// Where to go on, with the session's new word.
struct DoneThere {
  app::NewSession session;
  std::string path;
};
using Reply = std::variant<DoneThere, Shown>;

Frame frame_of(const Account& account, const Shown& shown) {
  return {shown.email, token_for(account, "/sign-out", shown.binding)};
}

http::Response lead_on(const Account& account, const DoneThere& done) {
  auto response = http::see_other(done.path);
  account.cookies.begin(response, done.session);
  return response;
}

http::Response show_password(const Account& account, const Reply& reply, const http::Request& request) {
  if (const auto* done = std::get_if<DoneThere>(&reply)) return lead_on(account, *done);
  const auto& shown = std::get<Shown>(reply);
  return password_page(language_of(account, request), {.frame = frame_of(account, shown),
                                                       .token = token_for(account, password_path, shown.binding),
                                                       .faults = shown.faults});
}

http::Response show_confirm(const Account& account, const Reply& reply, const http::Request& request) {
  if (const auto* done = std::get_if<DoneThere>(&reply)) return lead_on(account, *done);
  const auto& shown = std::get<Shown>(reply);
  return confirm_page(language_of(account, request), {.frame = frame_of(account, shown),
                                                      .token = token_for(account, session::confirm_path, shown.binding),
                                                      .return_to = shown.return_to,
                                                      .faults = shown.faults});
}

Task<Result<Reply>> look(std::shared_ptr<const Account> account, Visit visit) {
  CO_TRY(signed_in, co_await app::require_session(visit.presented, account->lane, account->clock));
  co_return Reply(Shown{std::move(signed_in.email), std::move(visit.presented->hash), std::move(visit.return_to)});
}

// A current password longer than any may be is read as none; of a new one it is said that it is too long.
app::SignIn::ChangePassword read_change(const http::Pairs& form) {
  constexpr std::size_t as_long_as_the_body = std::string::npos;
  return {Secret(field_of(form, "current", password_bytes_max)), Secret(field_of(form, "new", as_long_as_the_body))};
}

FormFaults faults_of(const app::SignIn::ChangePassword& change, const http::Pairs& form, std::string_view email) {
  FormFaults faults;
  const std::string& chosen = change.chosen.reveal();
  if (change.current.reveal().empty()) faults.push_back(FormFault::current_missing);
  if (const auto fault = password_fault(chosen, email))
    faults.push_back(fault_of(*fault));
  else if (change.current.equals(chosen))
    faults.push_back(FormFault::unchanged);
  else if (!change.chosen.equals(Secret(field_of(form, "again", password_bytes_max)).reveal()))
    faults.push_back(FormFault::not_repeated);
  return faults;
}

Task<Result<Reply>> change_password(std::shared_ptr<const Account> account, Submission submission) {
  CO_TRY(signed_in, co_await enter(*account, submission));
  auto change = read_change(submission.form);
  Shown shown{signed_in.email, submission.presented->hash};
  shown.faults = faults_of(change, submission.form, signed_in.email);
  if (!shown.faults.empty()) co_return Reply(std::move(shown));
  auto changed = co_await account->sign_in.change_password(std::move(signed_in), std::move(change),
                                                           std::move(submission.networks));
  if (changed) {
    const std::string binding = account->keys.hash_token(changed->word.reveal());
    auto path = tell_at(*account, session::account_path, "password_changed", binding);
    co_return Reply(DoneThere{*std::move(changed), std::move(path)});
  }
  if (changed.error().reason != "wrong_password") co_return std::move(changed).failure();
  shown.faults.push_back(FormFault::current_wrong);
  co_return Reply(std::move(shown));
}

Task<Result<Reply>> confirm(std::shared_ptr<const Account> account, Submission submission) {
  CO_TRY(signed_in, co_await enter(*account, submission));
  Shown shown{signed_in.email, submission.presented->hash};
  shown.return_to = session::return_path(field_of(submission.form, "return", session::return_path_max));
  Secret password(field_of(submission.form, "password", password_bytes_max));
  if (password.reveal().empty()) {
    shown.faults.push_back(FormFault::password_missing);
    co_return Reply(std::move(shown));
  }
  auto done = co_await account->sign_in.authenticate_again(std::move(signed_in), std::move(password),
                                                           std::move(submission.networks));
  if (done) co_return Reply(DoneThere{*std::move(done), onward_from_form(shown.return_to)});
  if (done.error().reason != "wrong_password") co_return std::move(done).failure();
  shown.faults.push_back(FormFault::password_wrong);
  co_return Reply(std::move(shown));
}

}  // namespace

void add_password_routes(runtime::Routes& routes, const std::shared_ptr<const Account>& account) {
  const auto decode_visit = [account](const Input& input) { return read_visit(*account, input.request); };
  const auto decode_submission = [account](const Input& input) { return read_submission(*account, input.request); };
  const auto look_at = [account](Visit visit) { return look(account, std::move(visit)); };
  const auto encode_password = [account](const Reply& reply, const http::Request& request) {
    return show_password(*account, reply, request);
  };
  const auto encode_confirm = [account](const Reply& reply, const http::Request& request) {
    return show_confirm(*account, reply, request);
  };
  routes.flow(http::Method::get, password_path, Access::session(), decode_visit, look_at, encode_password);
  routes.flow(
      http::Method::post, password_path, Access::session(), decode_submission,
      [account](Submission submission) { return change_password(account, std::move(submission)); }, encode_password);
  routes.flow(http::Method::get, session::confirm_path, Access::session(), decode_visit, look_at, encode_confirm);
  routes.flow(
      http::Method::post, session::confirm_path, Access::session(), decode_submission,
      [account](Submission submission) { return confirm(account, std::move(submission)); }, encode_confirm);
}

}  // namespace paylink::account
