#pragma once

#include <cstdint>
#include <vector>

#include "domain/names.hpp"

namespace paylink {

enum class PaymentMethod : std::uint8_t { credit_card, apple_pay, paypal, ideal };

inline constexpr auto payment_method_names = names<PaymentMethod>({
    {PaymentMethod::credit_card, "credit_card"},
    {PaymentMethod::apple_pay, "apple_pay"},
    {PaymentMethod::paypal, "paypal"},
    {PaymentMethod::ideal, "ideal"},
});

// Distinct, in the order the merchant gave, one to four.
using PaymentMethods = std::vector<PaymentMethod>;

}  // namespace paylink
