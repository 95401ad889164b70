#pragma once

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// When each API key was last used, collected in memory until a worker stores it: no write for a request. Any thread.
class LastUses {
 public:
  struct Use {
    OrganizationId organization;
    ApiKeyId key;
    Time at;
  };

  // Beyond `size_max` keys, uses of further ones are forgotten until the next `take`.
  void note(const Use& use);
  // At most `limit` of what has been noted, which is no longer here.
  std::vector<Use> take(std::size_t limit);

  static constexpr std::size_t size_max = 10'000;

 private:
  std::mutex mutex_;
  std::map<std::pair<OrganizationId, ApiKeyId>, Time> newest_;
};

Result<> store_uses(const std::vector<LastUses::Use>& uses, sql::Transaction& tx);

}  // namespace paylink::app
