#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/transaction.hpp"

namespace paylink::store {

// What an installation remembers about itself, by name.
class Settings {
 public:
  explicit Settings(sql::Transaction& tx) : tx_(tx) {}

  Result<std::optional<std::string>> find(std::string_view name);
  Result<> put(std::string_view name, std::string_view value);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
