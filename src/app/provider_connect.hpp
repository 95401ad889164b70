#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/payment_provider.hpp"

namespace paylink::app {

// Good for one merchant's account until `life` is over; the refresh token gets new ones.
struct ProviderTokens {
  Secret access;
  Secret refresh;
  std::chrono::seconds life;
};

// Whom a token speaks for.
struct ProviderAccount {
  std::string name;
  bool is_complete = false;               // the provider knows all it must, and lets it be paid
  std::vector<ProviderProfile> profiles;  // at least one
};

// How a merchant lets us speak for him at the provider (OAuth 2.0, as its client). Every call has a deadline. Failures:
// `unavailable` (try again), `invalid_input` with the reason `grant_refused` (the code or token is worth nothing, for
// good), `internal` (we are not the application that we say we are, or the answer makes no sense; detail says which).
class ProviderConnect {
 public:
  virtual ~ProviderConnect() = default;
  // Of our application. Tokens that it was issued are of no use to any other.
  virtual std::string_view client_id() const = 0;
  // Where his browser is sent; it comes back with `state`.
  virtual std::string authorize_url(std::string_view state) const = 0;
  virtual Task<Result<ProviderTokens>> exchange(Secret code) = 0;
  virtual Task<Result<ProviderTokens>> refresh(Secret refresh_token) = 0;
  // The refresh token, and every access token that came of it.
  virtual Task<Result<>> revoke(Secret refresh_token) = 0;
  // Fails with `unavailable`, reason `provider_refuses_key`, when the token speaks for nobody any more.
  virtual Task<Result<ProviderAccount>> account(Secret access_token) = 0;
};

}  // namespace paylink::app
