#include "app/link_cursor.hpp"

#include <algorithm>
#include <array>

#include "base/secret.hpp"
#include "crypto/encoding.hpp"

namespace paylink::app {
namespace {

constexpr std::size_t key_size = 8, code_size = 16;

std::string bytes_of(const LinkPlace& place) {
  std::string bytes;
  for (std::size_t i = 0; i < key_size; ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(place.key) >> (8 * (key_size - 1 - i)));
  return bytes.append(place.id.uuid().raw());
}

LinkPlace place_from(std::string_view bytes) {
  std::uint64_t key = 0;
  for (const char byte : bytes.substr(0, key_size)) key = key << 8 | static_cast<std::uint8_t>(byte);
  return {static_cast<std::int64_t>(key), PaymentLinkId(Uuid::of_bytes(bytes.substr(key_size)))};
}

void append_text(std::string& out, std::string_view text) {
  out.append(std::to_string(text.size())).append(":").append(text);
}

std::string code_of(std::string_view place, OrganizationId organization, const LinkFilter& filter,
                    const crypto::KeyRing& keys) {
  std::string text;
  append_text(text, place);
  return keys.sign_cursor(text + identity_of(organization, filter)).substr(0, code_size);
}

Failure not_of_this_list() {
  const std::string detail = "cursor is not of this list: repeat its filters and its order, or begin with an empty one";
  return Failure{
      Error{ErrorCode::invalid_input, "bad_request", detail, {}, {{"invalid", "cursor", detail, FaultSource::query}}}};
}

}  // namespace

// Each text with its length.
std::string identity_of(OrganizationId organization, const LinkFilter& filter) {
  std::string text;
  append_text(text, organization.text());
  append_text(text, std::to_string(static_cast<int>(filter.order)));
  append_text(text, std::to_string(static_cast<int>(filter.direction)));
  for (const auto& [status, name] : link_status_names.rows)
    append_text(text, std::ranges::count(filter.statuses, status) > 0 ? name : "");
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const MetadataPair& pair : filter.metadata) pairs.emplace_back(pair.name, pair.value);
  std::ranges::sort(pairs);
  for (const auto& [name, value] : pairs) {
    append_text(text, name);
    append_text(text, value);
  }
  return text;
}

std::string make_link_cursor(const LinkPlace& place, OrganizationId organization, const LinkFilter& filter,
                             const crypto::KeyRing& keys) {
  const std::string bytes = bytes_of(place);
  return crypto::to_base64url(bytes + code_of(bytes, organization, filter, keys));
}

Result<LinkPlace> read_link_cursor(std::string_view cursor, OrganizationId organization, const LinkFilter& filter,
                                   const crypto::KeyRing& keys) {
  const auto bytes = crypto::from_base64url(cursor);
  if (!bytes || bytes->size() != key_size + Uuid::size + code_size) return not_of_this_list();
  const std::string_view place = std::string_view(*bytes).substr(0, key_size + Uuid::size);
  const std::string_view code = std::string_view(*bytes).substr(key_size + Uuid::size);
  if (!equal_constant_time(code, code_of(place, organization, filter, keys))) return not_of_this_list();
  return place_from(place);
}

}  // namespace paylink::app
