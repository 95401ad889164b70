#pragma once

#include <string>
#include <string_view>

#include "pages/site.hpp"
#include "simulator/payer_page.hpp"

// What the payer's pages have in common.
namespace paylink::simulator {

// The catalogue's word for a name of the protocol, or the name itself when there is none.
std::string word(const pages::Language& language, const std::string& family, const std::string& name);

std::string money(const pages::Language& language, const PayerView& payment);

// The title, and the values of the partial simulator/facts.
pages::Values payment_values(const pages::Language& language, const PayerView& payment);

}  // namespace paylink::simulator
