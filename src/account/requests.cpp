#include "account/requests.hpp"

#include <algorithm>

#include "account/notice_page.hpp"
#include "session/forms.hpp"
#include "session/networks.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::account {
namespace {

constexpr std::chrono::minutes told_for{1};

// No form is sent there.
std::string done_place(std::string_view path, std::string_view done) {
  return std::string(path).append("?done=").append(done);
}

std::string query_value(const http::Request& request, std::string_view name) {
  const auto query = http::parse_pairs(request.query);
  return query ? session::field_of(*query, name, session::return_path_max) : std::string();
}

// Where to go on after signing in: to the page that was asked for, or that the form was on.
std::string_view back_to(const http::Request& request) {
  if (request.method == http::Method::get || request.method == http::Method::head) return request.target;
  const bool has_page = request.path == "/account/password" || request.path == session::confirm_path;
  return has_page ? request.path : session::account_path;
}

NoticeKind kind_of(const Error& error) {
  if (error.reason == "not_from_here") return NoticeKind::not_from_here;
  if (error.reason == "too_many_attempts") return NoticeKind::too_many_attempts;
  switch (error.code) {
    case ErrorCode::rate_limited:
      return NoticeKind::busy;
    case ErrorCode::unavailable:
      return NoticeKind::unavailable;
    case ErrorCode::internal:
      return NoticeKind::internal;
    default:
      return NoticeKind::form_expired;
  }
}

}  // namespace

Result<Visit> read_visit(const Account& account, const http::Request& request) {
  return Visit{account.cookies.presented(request), session::return_path(query_value(request, "return")),
               query_value(request, "done"), query_value(request, "proof")};
}

Result<Submission> read_submission(const Account& account, const http::Request& request) {
  TRY(session::refuse_from_elsewhere(request));
  auto form = TRY(session::read_form(request));
  return Submission{account.cookies.presented(request), std::move(form), session::networks_of(request),
                    std::string(request.path)};
}

Task<Result<app::SignedIn>> enter(const Account& account, const Submission& submission) {
  CO_TRY(signed_in, co_await app::require_session(submission.presented, account.lane, account.clock));
  const std::string token = session::field_of(submission.form, "token", session::form_token_max);
  const session::FormPlace place{submission.path, submission.presented->hash};
  CO_CHECK(session::check_form_token(account.keys, place, token, account.clock.now()));
  co_return std::move(signed_in);
}

std::string token_for(const Account& account, std::string_view path, std::string_view binding) {
  return session::make_form_token(account.keys, {path, binding}, account.clock.now());
}

bool leads_to_applications(std::string_view return_to) { return return_to.starts_with("/oauth2/"); }

std::string onward_from_form(const std::string& return_to) {
  return leads_to_applications(return_to) ? session::with_return(session::sign_in_path, return_to) : return_to;
}

std::string tell_at(const Account& account, std::string_view path, std::string_view done, std::string_view binding) {
  const std::string place = done_place(path, done);
  return place + "&proof=" + token_for(account, place, binding);
}

std::string told_at(const Account& account, std::string_view path, const Visit& visit, std::string_view binding) {
  const std::string place = done_place(path, visit.done);
  const auto proved =
      session::check_form_token(account.keys, {place, binding}, visit.proof, account.clock.now(), told_for);
  return proved ? visit.done : std::string();
}

const pages::Language& language_of(const Account& account, const http::Request& request) {
  return account.site.language(request.field("Accept-Language").value_or(""));
}

// There is no session any more: the page tells the browser.
http::Response show_signed_out(const Account& account, std::string_view done, const http::Request& request) {
  const auto known = account.cookies.browser(request);
  const auto browser = known ? *known : account.cookies.new_browser(account.random);
  auto response = http::see_other(tell_at(account, session::sign_in_path, done, browser.hash));
  account.cookies.end(response);
  if (!known) account.cookies.know(response, browser);
  return response;
}

http::Response show_error(const Account& account, const Error& error, const http::Request& request) {
  if (error.reason == "signed_out") return session::to_sign_in(back_to(request));
  Notice notice{.kind = kind_of(error), .trace_id = std::string(request.trace_id)};
  if (error.retry_after_seconds > 0) notice.retry_after_seconds = error.retry_after_seconds;
  return notice_page(language_of(account, request), notice);
}

}  // namespace paylink::account
