// Bytes as text, the master key's file, sealed secrets (crypto/encoding, keyring, seal). One text for each value; what
// was sealed opens only as it was, where it was.
#include <cstring>
#include <string>

#include "crypto/encoding.hpp"
#include "crypto/keyring.hpp"
#include "input.hpp"
#include "keys.hpp"

namespace paylink {
namespace {

class Zeros final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override { std::memset(bytes.data(), 0, bytes.size()); }
};

using fuzz::keys;

struct Encoding {
  std::string (*to)(std::string_view);
  std::optional<std::string> (*from)(std::string_view);
};
constexpr Encoding encodings[] = {
    {crypto::to_base32, crypto::from_base32},
    {crypto::to_base64url, crypto::from_base64url},
    {crypto::to_hex, crypto::from_hex},
};

void check_encodings(std::string_view input) {
  for (const Encoding& encoding : encodings) {
    const std::string text = encoding.to(input);
    ENSURE(encoding.from(text) == input);
    ENSURE(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
           std::string::npos);
    if (const auto bytes = encoding.from(input)) ENSURE(encoding.to(*bytes) == input);
  }
}

void check_key_file(std::string_view input) {
  const auto ring = crypto::KeyRing::parse(Secret(std::string(input)));
  const std::string_view line = input.substr(0, input.size() - (input.ends_with('\n') ? 1 : 0));
  const auto bytes = crypto::from_base64url(line);
  ENSURE(ring.has_value() == (line.size() == 43 && bytes && bytes->size() == 32));
  if (!ring) ENSURE(ring.error().reason == "invalid_key_file" && fuzz::is_utf8(ring.error().message));
  if (ring) ENSURE(ring->hash_token("t") == crypto::KeyRing::of_master(Secret(*bytes)).hash_token("t"));
}

// The input itself as what lies in the database: nobody without the key can have made it, with our header or without.
void check_forged(std::string_view input) {
  Zeros random;
  const std::string header = keys().seal(Secret("x"), "place", random).substr(0, 5);
  for (const std::string& sealed : {std::string(input), header + std::string(input)}) {
    const auto opened = keys().open(sealed, "place");
    ENSURE(!opened && opened.error().code == ErrorCode::internal);
    ENSURE(opened.error().reason == "seal_broken" || opened.error().reason == "sealed_by_other_key");
  }
}

void check_sealed(std::string_view input) {
  Zeros random;
  std::string sealed = keys().seal(Secret(std::string(input)), "place", random);
  ENSURE(sealed.size() == input.size() + 45);
  ENSURE(keys().open(sealed, "place").has_value() && keys().open(sealed, "place")->reveal() == input);
  ENSURE(!keys().open(sealed, "place "));
  ENSURE(!keys().open(std::string_view(sealed).substr(0, sealed.size() - 1), "place"));
  // One bit, somewhere.
  const std::size_t at = input.empty() ? 0 : static_cast<unsigned char>(input.front()) % sealed.size();
  sealed[at] = static_cast<char>(sealed[at] ^ 1);
  ENSURE(!keys().open(sealed, "place"));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = paylink::fuzz::text_of(data, size);
  paylink::check_encodings(input);
  paylink::check_key_file(input);
  paylink::check_forged(input);
  paylink::check_sealed(input);
  return 0;
}
