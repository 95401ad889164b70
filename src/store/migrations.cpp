#include "store/migrations.hpp"

#include <charconv>

#include "base/ensure.hpp"
#include "store/embedded.hpp"

namespace paylink::store {

std::vector<sql::Migration> migrations() {
  std::vector<sql::Migration> result;
  for (const EmbeddedFile& file : embedded_files()) {
    int number = 0;
    const auto parsed = std::from_chars(file.path.data(), file.path.data() + 4, number);
    ENSURE(parsed.ptr == file.path.data() + 4 && number == static_cast<int>(result.size()) + 1);
    ENSURE(file.content.starts_with("-- "));
    result.push_back({number, file.path, file.content});
  }
  return result;
}

}  // namespace paylink::store
