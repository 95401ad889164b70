#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "domain/items.hpp"
#include "domain/payment_method.hpp"
#include "domain/vat.hpp"
#include "pages/site.hpp"

namespace paylink::checkout {

// Whether real money moves through the connection the link is paid with: pages of a test connection say so.
enum class Mode : std::uint8_t { live, test };

struct BasketView {
  std::vector<Item> items;
  VatTable vat;
};

struct InvoiceView {
  std::string number;
  std::string debitor_name;
};

// Who is paid how much for what: the same on a link's page and on its receipt.
struct Summary {
  std::string merchant;
  Mode mode = Mode::live;
  Money amount;  // gross
  std::variant<BasketView, InvoiceView> subject;
};

// The values of the template checkout/summary, and `merchant`, `amount` and `test` of every page of a link.
pages::Values summary_values(const pages::Language& language, const Summary& summary);

// "Card", "Apple Pay", "PayPal", "iDEAL | Wero".
std::string method_text(const pages::Language& language, PaymentMethod method);

}  // namespace paylink::checkout
