#pragma once

#include <vector>

#include "app/payments.hpp"
#include "runtime/routes.hpp"

namespace paylink::providers::mollie {

// POST /notifications/mollie/{attempt}: Mollie says that something has changed. A hint, never a fact: its body is not
// even read, the payment is asked for again. Unknown attempts are acknowledged too, so that nothing can be learnt here.
std::vector<runtime::Route> notification_routes(app::Payments& payments, runtime::ErrorEncoder encode_error);

}  // namespace paylink::providers::mollie
