#pragma once

#include <vector>

#include "sql/migration.hpp"

namespace paylink::store {

// The schema's steps, in order: the files migrations/NNNN_name.sql.
std::vector<sql::Migration> migrations();

}  // namespace paylink::store
