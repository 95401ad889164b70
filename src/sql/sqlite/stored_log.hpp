#pragma once

#include <string>

#include "base/result.hpp"

namespace paylink::sql::sqlite {

// Stores the log of writes beside a database once more, as it reads: for whoever starts on a database that another
// process may have left when a sync had failed. From then on the system shows what may not be on the disk, and no later
// sync brings it there, while SQLite recovers from what is shown and builds on it; a power cut would then take what
// lies beneath. This process must not have the database open; where another has, the log is that one's, and stays as it
// is. Fails with `storage_unavailable`.
Result<> store_log_again(const std::string& path);

}  // namespace paylink::sql::sqlite
