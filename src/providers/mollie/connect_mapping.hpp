#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/provider_connect.hpp"

// What Mollie says of an authorization, and what an access token makes a call say, without any IO.
namespace paylink::providers::mollie {

// What a call says of the profile and mode it is about, with an access token; with an API key nothing.
enum class Says : std::uint8_t { mode, profile_and_mode };
std::string body_by(const app::ProviderAccess& access, std::string body, Says says);  // JSON; empty: none
std::string target_by(const app::ProviderAccess& access, std::string target, Says says);

// Strict, as mapping.hpp says. Without a new refresh token `known` goes on.
Result<app::ProviderTokens> read_tokens(std::string_view body, const Secret& known);
Result<std::string> read_organization_name(std::string_view body);
Result<bool> read_is_complete(std::string_view body);
Result<std::vector<app::ProviderProfile>> read_profiles(std::string_view body);

// Of the token endpoint, whose errors are those of RFC 6749, section 5.2.
Failure read_token_failure(int status, std::string_view body);

}  // namespace paylink::providers::mollie
