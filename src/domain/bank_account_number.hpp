#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paylink {

// An IBAN (ISO 13616) as it is stored: capitals, without the spaces it may be written with. Nothing when it is none: it
// must be a country, two check digits and 11 to 30 letters and digits, and the check digits must fit (ISO 7064, mod
// 97). How long each country's is, is left to the bank.
std::optional<std::string> parse_iban(std::string_view text);

// A BIC (ISO 9362) as it is stored: capitals. Four letters for the bank (digits are allowed since 2014), two for the
// country, two letters or digits, and three more for a branch or nothing.
std::optional<std::string> parse_bic(std::string_view text);

// Enough of an IBAN to know it by: "FR76 … 0103".
std::string masked_account_number(std::string_view iban);

}  // namespace paylink
