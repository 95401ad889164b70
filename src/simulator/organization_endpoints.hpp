#pragma once

#include "simulator/call.hpp"

// The part of the provider's API that is about an organization: for access tokens, but for `show_own_profile`.
namespace paylink::simulator {

Result<http::Response> show_own_profile(Call& call);  // of an API key
Result<http::Response> list_profiles(Call& call);
Result<http::Response> show_profile(Call& call);
Result<http::Response> show_organization(Call& call);
Result<http::Response> show_onboarding(Call& call);
Result<http::Response> list_permissions(Call& call);
// 201 with the address of a page on which the organization's name is filled in already; good for 30 days.
Result<http::Response> create_client_link(Call& call);

}  // namespace paylink::simulator
