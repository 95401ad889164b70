#pragma once

#include <string>

#include "crypto/keyring.hpp"

namespace paylink::fuzz {

// Those of an installation whose master key everybody knows.
inline const crypto::KeyRing& keys() {
  static const crypto::KeyRing ring = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  return ring;
}

}  // namespace paylink::fuzz
