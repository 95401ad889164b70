#include "checkout/form_token.hpp"

#include <algorithm>

#include "base/secret.hpp"
#include "crypto/encoding.hpp"

namespace paylink::checkout {
namespace {

constexpr std::chrono::hours lifetime{2};
constexpr std::size_t nonce_size = 16, time_size = 8, mac_size = 32;

std::string mac_of(const crypto::KeyRing& keys, OrganizationId organization, const Uuid& resource_id,
                   std::string_view head) {
  std::string text(organization.uuid().raw());
  text.append(resource_id.raw()).append(head);
  return keys.sign_form(text);
}

}  // namespace

std::string make_form_token(const crypto::KeyRing& keys, OrganizationId organization, const Uuid& resource_id,
                            const Uuid& nonce, Time now) {
  std::string head(nonce.raw());
  head += time_bytes(now);
  return crypto::to_base64url(head + mac_of(keys, organization, resource_id, head));
}

Result<Uuid> read_form_token(const crypto::KeyRing& keys, OrganizationId organization, const Uuid& resource_id,
                             std::string_view token, Time now) {
  const auto expired = fail(ErrorCode::invalid_input, "form_expired", "This form is too old. Open the link again.");
  const auto bytes = crypto::from_base64url(token);
  if (!bytes || bytes->size() != nonce_size + time_size + mac_size) return expired;
  const std::string_view head = std::string_view(*bytes).substr(0, nonce_size + time_size);
  if (!equal_constant_time(mac_of(keys, organization, resource_id, head), std::string_view(*bytes).substr(head.size())))
    return expired;
  if (time_of_bytes(head.substr(nonce_size)) + lifetime <= now) return expired;
  std::array<std::uint8_t, 16> nonce{};
  std::transform(head.begin(), head.begin() + nonce_size, nonce.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return Uuid(nonce);
}

}  // namespace paylink::checkout
