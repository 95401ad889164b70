#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/keyring.hpp"
#include "http/request.hpp"

namespace paylink::session {

// Where a form belongs: what it is sent to, and whose it is.
struct FormPlace {
  std::string_view path;     // "/account/password"
  std::string_view binding;  // the session's hash (app::PresentedSession); before there is one, the browser's
};

inline constexpr std::size_t form_token_max = 64;  // in characters
inline constexpr std::chrono::hours form_life{2};

// What every form of ours carries in its field `token`: it proves that our page showed this form to this very session.
std::string make_form_token(const crypto::KeyRing& keys, const FormPlace& place, Time now);

// Fails with `form_expired` (forbidden) for a token that is too old, of another form or session, or not ours.
Result<> check_form_token(const crypto::KeyRing& keys, const FormPlace& place, std::string_view token, Time now,
                          std::chrono::seconds life = form_life);

// Fails with `not_from_here` (forbidden) for what a page of somebody else's sends (http::is_from_elsewhere).
Result<> refuse_from_elsewhere(const http::Request& request);

Failure form_expired();

// The fields of a form, whoever sent it: the body of a POST in the encoding that forms have. Fails with `form_expired`
// for what is no form.
Result<http::Pairs> read_form(const http::Request& request);

// The value of the only field of that name, of at most `bytes_max`; empty when there is none, or no such one.
std::string field_of(const http::Pairs& form, std::string_view name, std::size_t bytes_max);

}  // namespace paylink::session
