#pragma once

#include <string>

#include "app/payment_provider.hpp"
#include "http/client.hpp"
#include "providers/mollie/mapping.hpp"

namespace paylink::providers::mollie {

// One call of Mollie's API.
struct Call {
  Operation operation = Operation::find;
  std::string method = "GET";
  std::string path;             // from "/v2/" on
  std::string body;             // JSON; empty: none
  std::string idempotency_key;  // honoured on POST alone; empty: none
};

// The transport: base address, credentials, deadline.
class Client {
 public:
  // `base_url` without a slash at the end: "https://api.mollie.com".
  Client(http::Client& http, std::string base_url) : http_(http), base_url_(std::move(base_url)) {}

  // The body of a 2xx answer. Fails with `unavailable` when there was no answer, else as `read_failure` says. Retrying
  // is the caller's: what is safe to repeat is known there.
  Task<Result<std::string>> send(const app::ProviderAccess& access, const Call& call);

 private:
  Task<Result<std::string>> exchange(http::ClientRequest request, Operation operation);

  http::Client& http_;
  std::string base_url_;
};

}  // namespace paylink::providers::mollie
