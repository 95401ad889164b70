#pragma once

#include <cstdint>
#include <string>

#include "checkout/reload.hpp"
#include "checkout/summary.hpp"

namespace paylink::checkout {

// Why there is nothing to pay here, or not now.
enum class NoticeKind : std::uint8_t {
  paid,           // 200; says nothing of who, when or how
  expired,        // 200
  canceled,       // 200
  disconnected,   // 200; the merchant takes no payments
  processing,     // 200, loads again after 10 s, some times
  unknown,        // 404; the same for a link of somebody else and for none at all
  unavailable,    // 503 with Retry-After; says that nothing was charged: only where no payment was begun
  unclear,        // 503, loads again after 5 s, some times: on an attempt's page, when the provider cannot be asked
  busy,           // 429 with Retry-After; too many requests came from the visitor's address
  form_expired,   // 400; a form older than two hours, or with a token that is not ours
  not_from_here,  // 403; a form sent by a page of another origin
  internal,       // 500
};

struct Notice {
  NoticeKind kind;
  std::string merchant{};  // empty: not to be told
  Mode mode = Mode::live;
  std::string link{};  // path and query of the link, for `unavailable`, `busy`, `form_expired` and `not_from_here`
  std::int64_t retry_after_seconds = 60;  // of `unavailable` and `busy`
  std::string trace_id{};                 // for `internal`; left out of all others, so that each 404 is the same
  Reload reload{};                        // for `processing` and `unclear`
};

http::Response notice_page(const pages::Language& language, const Notice& notice);

// Between our form and the provider's page: leads there by itself and by a link.
struct HandOff {
  std::string merchant;
  Mode mode = Mode::live;
  Money amount;
  std::string provider;  // its name: "Mollie"
  std::string url;       // its page, https or http; anything else is a bug
};

http::Response hand_off_page(const pages::Language& language, const HandOff& hand_off);

}  // namespace paylink::checkout
