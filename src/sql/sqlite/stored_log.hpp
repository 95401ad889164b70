#pragma once

struct sqlite3_file;

namespace paylink::sql::sqlite {

// Writes all that an open file holds to where it is, as it reads, and syncs it; SQLite's code of what went wrong, or
// SQLITE_OK.
int store_again(sqlite3_file& file);

}  // namespace paylink::sql::sqlite
