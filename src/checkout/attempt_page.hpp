#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checkout/reload.hpp"
#include "checkout/summary.hpp"

namespace paylink::checkout {

// How an attempt stands, for the one who made it.
enum class AttemptView : std::uint8_t {
  paid,     // a receipt
  pending,  // pending or authorized: loads again every 3 s, some times
  open,     // not finished at the provider
  failed,
  canceled,
  expired,
  surplus,  // paid, but the link was paid already: refunded
  stuck,    // the same, and the provider does not refund it: somebody has to do it by hand
  unclear,  // the provider does not say, and it may be paid by now: loads again every 5 s, some times
};

// The page at the attempt's own unguessable address; the only one that shows the payer's e-mail, method and time.
struct AttemptPage {
  Summary summary;
  AttemptView view;
  PaymentMethod method;
  std::string debitor_email;
  std::string reference;          // the attempt's id
  std::optional<Time> paid_at{};  // for `paid`, `surplus` and `stuck`
  std::string link{};             // path and query of the link, for another try; empty when it cannot be paid any more
  std::string continue_url{};     // the provider's page, for `open` and `unclear`; empty when there is none any more
  Reload reload{};                // for `pending` and `unclear`
};

// Always 200.
http::Response attempt_page(const pages::Language& language, const AttemptPage& page);

}  // namespace paylink::checkout
