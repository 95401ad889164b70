#pragma once

#include "app/compat.hpp"
#include "checkout/summary.hpp"
#include "domain/payment_link.hpp"

namespace paylink::checkout {

// What a page shows of a link's subject. The table of VAT always sums to the link's amount: when the settings have been
// changed since the link was made, it is computed as it was then.
Result<Summary> summarize(const PaymentLink& link, std::string merchant, Mode mode, const app::CompatSettings& compat);

}  // namespace paylink::checkout
