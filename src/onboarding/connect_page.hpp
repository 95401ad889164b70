#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/provider_keys.hpp"
#include "pages/site.hpp"
#include "session/frame.hpp"

namespace paylink::onboarding {

// What is wrong with a key that was shown.
enum class KeyFault : std::uint8_t { missing, no_api_key, key_refused, profile_blocked, other_mode, other_profile };

// By the reason of an error of app::ProviderKeys::propose.
std::optional<KeyFault> key_fault_of(const Error& error);

// The tokens of the page's forms; `proposal` is the moment of what is confirmed, in microseconds.
struct ConnectForms {
  std::string action;  // of the page itself; each form's is one segment longer
  std::string key_token, confirm_token, discard_token, disconnect_token;
};

struct ConnectPage {
  session::Frame frame;
  app::ConnectionView view;
  const store::ProposedKey* proposal = nullptr;  // of the view
  ConnectForms forms;
  std::optional<KeyFault> fault{};
  bool just_decided = false;  // then it leads back by itself: a redirect out of a form would be cut off by our policy
};

// 200, or 422 with a fault. The key itself is never written into a page.
http::Response connect_page(const pages::Language& language, const ConnectPage& page);

// Why there is no page, or why nothing was done; `again` is the page's address, empty where there is none.
http::Response notice_page(const pages::Language& language, const Error& error, const std::string& again);

}  // namespace paylink::onboarding
