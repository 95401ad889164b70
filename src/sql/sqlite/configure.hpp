#pragma once

namespace paylink::sql::sqlite {

// Once, before anything else is asked of SQLite, which begins with the first thing that is.
void configure_sqlite();

}  // namespace paylink::sql::sqlite
