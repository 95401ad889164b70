#include "simulator/tenant.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace paylink::simulator {
namespace {

constexpr std::string_view scheme = "bearer ";
constexpr std::string_view mode = "test_";
constexpr std::size_t api_key_bytes_min = 10;
constexpr std::size_t api_key_bytes_max = 100;

bool is_key_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

bool has_scheme(std::string_view text) {
  return text.size() > scheme.size() &&
         std::ranges::equal(text.substr(0, scheme.size()), scheme, [](char sent, char wanted) {
           return (sent >= 'A' && sent <= 'Z' ? static_cast<char>(sent + 32) : sent) == wanted;
         });
}

}  // namespace

Failure unauthenticated() {
  return fail(ErrorCode::unauthenticated, "unauthenticated", "Missing authentication, or failed to authenticate");
}

std::string_view bearer_of(std::optional<std::string_view> authorization) {
  const std::string_view text = authorization.value_or("");
  return has_scheme(text) ? text.substr(scheme.size()) : std::string_view();
}

Result<std::string> tenant_of(std::string_view key) {
  const bool sane = key.starts_with(mode) && key.size() >= mode.size() + api_key_bytes_min &&
                    key.size() <= api_key_bytes_max && std::ranges::all_of(key, is_key_character);
  if (!sane) return unauthenticated();
  return tenant_of_key(key);
}

std::string tenant_of_key(std::string_view key) { return crypto::to_hex(crypto::sha256(key)).substr(0, 32); }

}  // namespace paylink::simulator
