#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/provider_keys.hpp"
#include "pages/site.hpp"
#include "session/frame.hpp"

namespace paylink::onboarding {

// What is wrong with a key that was shown, or with a profile that was chosen.
enum class KeyFault : std::uint8_t {
  missing,
  no_api_key,
  key_refused,
  no_profile,
  profile_blocked,
  other_mode,
  other_profile,
};

// By the reason of an error of app::ProviderKeys::propose or app::ConnectAccount::choose.
std::optional<KeyFault> key_fault_of(const Error& error);

// The tokens of the page's forms; `proposal` is the moment of what is confirmed, in microseconds.
struct ConnectForms {
  std::string action;  // of the page itself; each form's is one segment longer
  std::string key_token, confirm_token, discard_token, disconnect_token, authorize_token{}, profile_token{};
};

// The profiles of the account that we were authorized for.
struct ProfileChoice {
  std::string account_name;
  bool is_complete = true;  // the provider lets it be paid
  std::vector<app::ProviderProfile> profiles;
};

// What became of the way to the provider and back.
enum class Return : std::uint8_t { none, refused };

struct ConnectPage {
  session::Frame frame;
  app::ConnectionView view;
  const store::ProposedKey* proposal = nullptr;  // of the view
  ConnectForms forms;
  std::optional<KeyFault> fault{};
  bool offers_authorization = false;      // beside the key
  std::optional<ProfileChoice> choice{};  // takes the place of both
  Return came_back = Return::none;
  bool just_decided = false;  // then it says so, and the way back is its button
};

// 200, or 422 with a fault. The key itself is never written into a page.
http::Response connect_page(const pages::Language& language, const ConnectPage& page);

// Leads to the provider by itself: a redirect out of the form would be cut off by our policy.
http::Response leaving_page(const pages::Language& language, const session::Frame& frame, const std::string& url);

// Why there is no page, or why nothing was done; `again` is the page's address, empty where there is none.
http::Response notice_page(const pages::Language& language, const Error& error, const std::string& again);

}  // namespace paylink::onboarding
