#include "app/check_storage.hpp"

#include "store/settings.hpp"

namespace paylink::app {

// Settings belong to no organization: whoever asks is nobody's caller.
Result<> check_storage(sql::Transaction& tx) {
  TRY(store::Settings(tx).find("no such setting"));
  return {};
}

}  // namespace paylink::app
