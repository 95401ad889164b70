#include "session/forms.hpp"

#include "base/secret.hpp"
#include "crypto/encoding.hpp"

namespace paylink::session {
namespace {

constexpr std::size_t time_size = 8, mac_size = 32;

// The length before the path makes the text of one form never that of another.
std::string mac_of(const crypto::KeyRing& keys, const FormPlace& place, std::string_view time) {
  std::string text = "form of a session|" + std::to_string(place.path.size()) + "|";
  text.append(place.path).append(time).append(place.binding);
  return keys.sign_form(text);
}

}  // namespace

Failure form_expired() {
  return fail(ErrorCode::forbidden, "form_expired", "This form is too old. Open its page again and send it anew.");
}

std::string make_form_token(const crypto::KeyRing& keys, const FormPlace& place, Time now) {
  const std::string time = time_bytes(now);
  return crypto::to_base64url(time + mac_of(keys, place, time));
}

Result<> check_form_token(const crypto::KeyRing& keys, const FormPlace& place, std::string_view token, Time now,
                          std::chrono::seconds life) {
  const auto bytes = crypto::from_base64url(token);
  if (!bytes || bytes->size() != time_size + mac_size) return form_expired();
  const std::string_view time = std::string_view(*bytes).substr(0, time_size);
  if (!equal_constant_time(mac_of(keys, place, time), std::string_view(*bytes).substr(time_size)))
    return form_expired();
  if (time_of_bytes(time) + life <= now) return form_expired();
  return {};
}

Result<> refuse_from_elsewhere(const http::Request& request) {
  if (!http::is_from_elsewhere(request)) return {};
  return fail(ErrorCode::forbidden, "not_from_here", "This form was not sent by our page.");
}

Result<http::Pairs> read_form(const http::Request& request) {
  const auto type = request.field("Content-Type");
  if (!type || !http::is_media_type(*type, "application/x-www-form-urlencoded")) return form_expired();
  auto pairs = http::parse_pairs(request.body);
  if (!pairs) return form_expired();
  return *std::move(pairs);
}

std::string field_of(const http::Pairs& form, std::string_view name, std::size_t bytes_max) {
  const std::string* found = nullptr;
  for (const auto& [field, value] : form) {
    if (field != name) continue;
    if (found != nullptr) return {};
    found = &value;
  }
  return found != nullptr && found->size() <= bytes_max ? *found : std::string();
}

}  // namespace paylink::session
