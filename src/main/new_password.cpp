#include "main/new_password.hpp"

#include "crypto/encoding.hpp"
#include "crypto/password.hpp"

namespace paylink::main {

Result<NewPassword> NewPassword::create(Random& random) {
  const auto bytes = random.bytes<18>();
  Secret text(crypto::to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  auto hash = TRY(crypto::hash_password(text));
  return NewPassword{std::move(text), std::move(hash)};
}

}  // namespace paylink::main
