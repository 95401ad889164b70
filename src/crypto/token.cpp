#include "crypto/token.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace paylink::crypto {
namespace {

constexpr std::string_view prefix = "plk_", client_prefix = "pls_";
constexpr std::size_t organization_size = 26, random_size = 52, checksum_size = 7;
constexpr std::size_t checked_size = prefix.size() + organization_size + 1 + random_size;
constexpr std::size_t token_size = checked_size + 1 + checksum_size;

std::string checksum(std::string_view checked) { return to_base32(sha256(checked).substr(0, 4)); }

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// `begin` with 256 random bits and the checksum of both.
Secret finish(std::string_view begin, Random& random) {
  auto bytes = random.bytes<32>();
  std::string token;
  token.reserve(token_size);
  token += begin;
  token += to_base32({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  wipe(bytes.data(), bytes.size());
  const std::string sum = checksum(token);
  token += '_';
  token += sum;
  return Secret(std::move(token));
}

}  // namespace

Secret make_token(const Uuid& organization, Random& random) {
  const auto& bytes = organization.bytes();
  return finish(std::string(prefix) + to_base32(view(bytes.data(), bytes.size())) + "_", random);
}

Secret make_client_secret(Random& random) { return finish(client_prefix, random); }

std::optional<Uuid> token_organization(std::string_view token) {
  if (token.size() != token_size || !token.starts_with(prefix)) return std::nullopt;
  if (token[prefix.size() + organization_size] != '_' || token[checked_size] != '_') return std::nullopt;
  if (checksum(token.substr(0, checked_size)) != token.substr(checked_size + 1)) return std::nullopt;
  const auto organization = from_base32(token.substr(prefix.size(), organization_size));
  const auto random = from_base32(token.substr(prefix.size() + organization_size + 1, random_size));
  if (!organization || !random) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::transform(*organization, bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return Uuid(bytes);
}

}  // namespace paylink::crypto
