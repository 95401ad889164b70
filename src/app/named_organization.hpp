#pragma once

#include <string_view>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// The organization that an operator means: the one of that slug; of an empty slug the only one there is. Fails with
// `no_organization`.
Result<Organization> find_named_organization(std::string_view slug, sql::Transaction& tx);

}  // namespace paylink::app
