#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/router.hpp"
#include "pages/site.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

// One request on its way through one transaction, which is committed before the answer leaves.
struct Call {
  sql::Transaction& tx;
  const http::Request& request;
  const http::PathValues& path;
  std::string tenant;        // whose payments it is about (access.hpp); empty on the payer's pages
  std::string organization;  // whose access token it is; empty with an API key
  std::string scopes;        // of that token
  std::string_view base_url;
  const pages::Site& site;
};

// A failure is answered as Mollie's error object, and nothing is changed.
using Endpoint = Result<http::Response> (*)(Call& call);

}  // namespace paylink::simulator
