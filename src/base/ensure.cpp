#include "base/ensure.hpp"

#include <string>

namespace paylink {

void broken_invariant(const char* condition, const char* file, int line) {
  throw BrokenInvariant(std::string(file) + ":" + std::to_string(line) + ": " + condition);
}

}  // namespace paylink
