#include "base/secret.hpp"

#include <cstring>

namespace paylink {

bool equal_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i])));
  return difference == 0;
}

void wipe(void* at, std::size_t size) {
  if (size > 0) explicit_bzero(at, size);
}

}  // namespace paylink
