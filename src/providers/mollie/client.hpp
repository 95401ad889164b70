#pragma once

#include <string>

#include "app/payment_provider.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "providers/mollie/breaker.hpp"
#include "providers/mollie/mapping.hpp"

namespace paylink::providers::mollie {

// One call of Mollie's API.
struct Call {
  Operation operation = Operation::find;
  std::string method = "GET";
  std::string path;             // from "/v2/" or "/oauth2/" on
  std::string body;             // JSON, or a form where it is about tokens; empty: none
  std::string idempotency_key;  // honoured on POST alone; empty: none
};

// How long a call may take, and how often it is made. A payer waits for it, so `total` is what a page can bear.
struct Patience {
  std::chrono::milliseconds one_try{5'000};
  std::chrono::milliseconds total{10'000};  // with everything between the tries
  int tries = 4;
  // Before the second try; doubles from there on up to `wait_max`. Each wait is drawn evenly from zero up to that, lest
  // all who have failed together come back together.
  std::chrono::milliseconds wait{200};
  std::chrono::milliseconds wait_max{2'000};
  Breaker::Limits breaker{};
};

// The transport: base address, credentials, deadlines, tries. What can be repeated without harm (GET, POST with a key,
// which is the same on every try, and renewing tokens) is tried again when there was no answer, when the provider is in
// trouble (5xx), when it wants less (429) and while the first request with our key still runs (409): not before the
// seconds that a Retry-After says, and not at all when those would take longer than a payer can wait.
//
// A code is exchanged once: should the first try have been heard after all, a second one would be refused, and may end
// what the first has got (RFC 6749, section 4.1.2). A refresh token is all that a grant is renewed with, at once as
// later: Mollie's stays the same, and where one rotates and its answer was lost, no waiting brings it back. Revoking is
// somebody's work that comes again by itself.
class Client {
 public:
  // `base_url` without a slash at the end: "https://api.mollie.com".
  Client(http::Client& http, std::string base_url, const Clock& clock, Random& random, const Patience& patience)
      : http_(http),
        base_url_(std::move(base_url)),
        clock_(clock),
        random_(random),
        patience_(patience),
        breaker_(base_url_, patience.breaker) {}

  // The body of a 2xx answer. Fails with `unavailable` when there was no answer (reason `provider_down`: none was
  // waited for, as the last calls had none), else as `read_failure` says.
  Task<Result<std::string>> send(const app::ProviderAccess& access, const Call& call);
  // The same, as our application: `name_and_secret` is "app_…:…".
  Task<Result<std::string>> send_as(const Secret& name_and_secret, const Call& call);

 private:
  using Answer = Result<http::ClientResponse>;
  enum class By : std::uint8_t { key, token, application };

  http::ClientRequest request_of(const Call& call, std::string authorization) const;
  Task<Result<std::string>> persist(http::ClientRequest request, Operation operation, By by);
  static Result<std::string> read(Answer answer, Operation operation, By by);
  Task<Answer> try_once(http::ClientRequest request, Operation operation, std::chrono::milliseconds time);
  std::chrono::milliseconds draw_wait(int tries, const Answer& answer);

  http::Client& http_;
  std::string base_url_;
  const Clock& clock_;
  Random& random_;
  const Patience patience_;
  Breaker breaker_;
};

}  // namespace paylink::providers::mollie
