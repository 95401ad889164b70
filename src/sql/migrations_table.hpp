#pragma once

#include <string_view>

// What every engine's migration target keeps, in SQL that all of them speak.
namespace paylink::sql {

inline constexpr char create_migrations_table[] = R"sql(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at BIGINT NOT NULL
  )
)sql";

inline constexpr std::string_view select_schema_version = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";

inline constexpr std::string_view insert_migration =
    "INSERT INTO schema_migrations (number, name, applied_at) VALUES ($1, $2, $3)";

}  // namespace paylink::sql
