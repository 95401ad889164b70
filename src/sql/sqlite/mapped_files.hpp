#pragma once

#include <cstdint>

namespace paylink::sql::sqlite {

// The name of the file system (SQLite's "VFS") through which connections that only read find pages where the system
// keeps them, instead of copying each into a cache of their own: a row of a large file is on pages that nobody has
// asked for lately. All connections of the process share the mapping, which grows with the file. Null where the files
// are not the system's, as in tests that put a disk of their own beneath SQLite: then pages are copied.
const char* mapped_files();

// How many mapped pages turned out to be unreadable, of all files since the process began. A page that the disk does
// not give up reads as zeros instead of ending the process (SIGBUS), so whatever was read while this number grew is not
// to be believed; from then on that part of the file is copied, which fails in the ordinary way.
std::uint64_t unreadable_pages();

}  // namespace paylink::sql::sqlite
