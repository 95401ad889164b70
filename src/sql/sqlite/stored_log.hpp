#pragma once

struct sqlite3_file;

namespace paylink::sql::sqlite {

// Writes all that an open file holds to where it is, as it reads, and syncs it; SQLite's code of what went wrong, or
// SQLITE_OK.
int store_again(sqlite3_file& file);

// Whether the log of a database holds a whole commit after the last one that its connections see: whoever recovers it
// would take that one for done. So it is where all of a commit was written although the last write failed: what it did
// not write was there from before. Also when that cannot be read. For the only one that writes: what another one has
// written since is in place of it. Both are files of an open connection that writes; their format:
// sqlite.org/walformat.html.
bool holds_another_commit(sqlite3_file& database, sqlite3_file& log);

}  // namespace paylink::sql::sqlite
