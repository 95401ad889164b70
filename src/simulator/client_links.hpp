#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

// Invitations to become a client, with the organization's name in them.
class ClientLinks {
 public:
  explicit ClientLinks(sql::Transaction& tx) : tx_(tx) {}
  Result<std::string> insert(std::string_view organization_name);
  // The name; fails with `not_found` for one that was never made, or longer than 30 days ago.
  Result<std::string> find(std::string_view id);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::simulator
