#include "app/check_storage.hpp"

#include "store/organizations.hpp"

namespace paylink::app {

Result<> check_storage(sql::Transaction& tx) {
  TRY(store::Organizations(tx).any());
  return {};
}

}  // namespace paylink::app
