#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/routes.hpp"
#include "http/request.hpp"

// What the routes read of requests, and how they answer errors.
namespace paylink::account {

// Somebody who wants to see a page.
struct Visit {
  std::optional<app::PresentedSession> presented;
  std::string return_to;
  std::string done;   // what was just done, as our own redirect says,
  std::string proof;  // if this says that it is ours
};

// A form that somebody sent.
struct Submission {
  std::optional<app::PresentedSession> presented;
  http::Pairs form;
  std::vector<app::CountedNetwork> networks;
  std::string path;
};

Result<Visit> read_visit(const Account& account, const http::Request& request);
// Fails with `not_from_here` and `form_expired` (session/forms.hpp). The form's token is not looked at yet.
Result<Submission> read_submission(const Account& account, const http::Request& request);

// Who sent it, if somebody is signed in there (`signed_out` otherwise) and it is a form of his (`form_expired`).
Task<Result<app::SignedIn>> enter(const Account& account, const Submission& submission);

// The token of a form of that session, to be sent to `path`.
std::string token_for(const Account& account, std::string_view path, std::string_view binding);

// Browsers hold each step of the way out of a form against its page's policy, and from there the way may lead straight
// on to an application's address: a page of ours in between ends the way.
bool leads_to_applications(std::string_view return_to);
// Where a form leads that goes on to `return_to`, one of our pages: to the page in between when there has to be one.
std::string onward_from_form(const std::string& return_to);

// Where a form leads that has done something of which the next page is to tell: `done`, with a proof, so that nobody
// makes our pages say it by a link of his own. Good for a minute, and for whom `binding` is of.
std::string tell_at(const Account& account, std::string_view path, std::string_view done, std::string_view binding);
// What was done, if it is proved; else nothing.
std::string told_at(const Account& account, std::string_view path, const Visit& visit, std::string_view binding);

const pages::Language& language_of(const Account& account, const http::Request& request);

// To the sign-in page, which tells of it: "signed_out".
http::Response show_signed_out(const Account& account, std::string_view done, const http::Request& request);

http::Response show_error(const Account& account, const Error& error, const http::Request& request);

}  // namespace paylink::account
