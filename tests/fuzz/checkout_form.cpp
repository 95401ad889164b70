// The payer's form and the token it carries (checkout/submitted_form, form_token). The first sixteen bytes are the
// nonce of a token of ours and, reused, its moment; only that very token is believed, for two hours.
#include <algorithm>
#include <string>

#include "checkout/form_token.hpp"
#include "checkout/submitted_form.hpp"
#include "domain/email.hpp"
#include "input.hpp"
#include "keys.hpp"

namespace paylink {
namespace {

using checkout::FormFault;
using namespace std::chrono_literals;

using fuzz::keys;

void check_form(std::string_view body) {
  const auto form = checkout::read_submitted_form(body);
  if (!form) {
    ENSURE(form.error().code == ErrorCode::invalid_input && form.error().reason == "form_expired");
    return;
  }
  ENSURE(fuzz::is_utf8(form->email) && fuzz::is_utf8(form->token) && form->email.size() <= 1000);
  ENSURE(!form->email.starts_with(' ') && !form->email.ends_with(' '));
  const auto faulty = [&](FormFault fault) { return std::ranges::count(form->faults, fault); };
  ENSURE(faulty(FormFault::email_missing) + faulty(FormFault::email_invalid) == (is_email(form->email) ? 0 : 1));
  ENSURE(faulty(FormFault::method_missing) == (form->method ? 0 : 1));
  ENSURE(faulty(FormFault::method_unavailable) == 0);
  if (body.find("start_over") == std::string_view::npos && body.find('%') == std::string_view::npos)
    ENSURE(form->start_over == app::StartOver::no);
}

Uuid uuid_of(std::string_view bytes) {
  std::array<std::uint8_t, 16> sixteen{};
  std::ranges::transform(bytes.substr(0, 16), sixteen.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return Uuid(sixteen);
}

void check_token(std::string_view bytes, std::string_view other) {
  const Uuid nonce = uuid_of(bytes), resource = uuid_of("a resource of 16");
  const OrganizationId organization(uuid_of("an organization."));
  std::int64_t seconds = 0;
  for (const std::uint8_t byte : nonce.bytes()) seconds = (seconds * 256 + byte) % 4'000'000'000;
  const Time made = from_microseconds(seconds * 1'000'000);
  const std::string token = checkout::make_form_token(keys(), organization, resource, nonce, made);
  const auto read = [&](std::string_view text, Time now) {
    return checkout::read_form_token(keys(), organization, resource, text, now);
  };
  ENSURE(read(token, made).has_value() && *read(token, made) == nonce);
  ENSURE(read(token, made + 2h - 1us).has_value() && !read(token, made + 2h));
  ENSURE(!checkout::read_form_token(keys(), organization, nonce, token, made) || nonce == resource);
  ENSURE(!read(other, made) || other == token);
  // The same with one of its characters changed to one of the input's.
  if (other.empty()) return;
  std::string changed = token;
  changed[static_cast<unsigned char>(other.back()) % changed.size()] = other.front();
  ENSURE(read(changed, made).has_value() == (changed == token));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = paylink::fuzz::text_of(data, size);
  paylink::check_form(body);
  paylink::check_token(body, body.substr(std::min<std::size_t>(16, body.size())));
  return 0;
}
