#pragma once

#include <string>

#include "app/provider_connect.hpp"
#include "providers/mollie/client.hpp"

namespace paylink::providers::mollie {

// Our application at Mollie (docs.mollie.com/docs/connect).
struct Application {
  std::string client_id;  // app_…
  Secret client_secret;
  std::string authorize_url;  // "https://my.mollie.com/oauth2/authorize"
  std::string redirect_uri;   // the one that is registered there
};

inline constexpr std::string_view public_authorize_url = "https://my.mollie.com/oauth2/authorize";

// May be used from any thread; resumes on the thread of `client`'s answers.
class Connect final : public app::ProviderConnect {
 public:
  Connect(Client& client, Application application) : client_(client), application_(std::move(application)) {}

  std::string_view client_id() const override { return application_.client_id; }
  std::string authorize_url(std::string_view state) const override;
  Task<Result<app::ProviderTokens>> exchange(Secret code) override;
  Task<Result<app::ProviderTokens>> refresh(Secret refresh_token) override;
  Task<Result<>> revoke(Secret refresh_token) override;
  Task<Result<app::ProviderAccount>> account(Secret access_token) override;

 private:
  Task<Result<std::string>> send(Operation operation, std::string method, std::string form);

  Client& client_;
  Application application_;
};

}  // namespace paylink::providers::mollie
