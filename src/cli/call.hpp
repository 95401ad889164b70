#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "http/client.hpp"

namespace paylink::cli {

// Where the API is and who asks.
struct Access {
  std::string base_url;       // without a slash at its end
  std::string authorization;  // the field's value; empty: none
  std::string staging_token;  // empty: none
  std::chrono::milliseconds timeout{30'000};
};

struct ApiRequest {
  std::string method = "GET";
  std::string target;             // path and query
  std::string body{};             // empty: none
  std::string idempotency_key{};  // of a request that changes something: makes sending it twice harmless
};

struct ApiAnswer {
  int status = 0;
  std::string body;
};

// Sends one request and waits.
using Send = std::function<Result<http::ClientResponse>(http::ClientRequest)>;
using Sleep = std::function<void(std::chrono::seconds)>;

// Asks the API; once more when nothing came back (which the key makes harmless), or when the server says to come back
// within ten seconds. Fails with `unavailable` when the server cannot be reached.
Result<ApiAnswer> call(const Access& access, const ApiRequest& request, const Send& send, const Sleep& sleep);

// `text` as a part of a path or query.
std::string percent_encoded(std::string_view text);

}  // namespace paylink::cli
