#pragma once

#include <string>

#include "app/provider_connect.hpp"
#include "http/client.hpp"

namespace paylink::providers::mollie {

// Our application at Mollie (docs.mollie.com/docs/connect).
struct Application {
  std::string client_id;  // app_…
  Secret client_secret;
  std::string authorize_url;  // "https://my.mollie.com/oauth2/authorize"
  std::string redirect_uri;   // the one that is registered there
};

inline constexpr std::string_view public_authorize_url = "https://my.mollie.com/oauth2/authorize";

// May be used from any thread; resumes on `http`'s.
class Connect final : public app::ProviderConnect {
 public:
  // `base_url` is the API's, without a slash at the end.
  Connect(http::Client& http, std::string base_url, Application application)
      : http_(http), base_url_(std::move(base_url)), application_(std::move(application)) {}

  std::string authorize_url(std::string_view state) const override;
  Task<Result<app::ProviderTokens>> exchange(Secret code) override;
  Task<Result<app::ProviderTokens>> refresh(Secret refresh_token) override;
  Task<Result<>> revoke(Secret refresh_token) override;
  Task<Result<app::ProviderAccount>> account(Secret access_token) override;

 private:
  http::ClientRequest token_request(std::string method, std::string form) const;
  Task<Result<http::ClientResponse>> send(http::ClientRequest request);
  Task<Result<app::ProviderTokens>> ask_for_tokens(std::string form, Secret refresh_token);
  Task<Result<std::string>> look(Secret access_token, std::string_view path);

  http::Client& http_;
  std::string base_url_;
  Application application_;
};

}  // namespace paylink::providers::mollie
