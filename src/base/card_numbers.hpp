#pragma once

#include <string>
#include <string_view>

namespace paylink {

// Of each card number (13 to 19 digits with a good check digit: Luhn, ISO/IEC 7812-1; together, or in groups between
// single spaces or hyphens) only the last four digits are left. They are nowhere asked for, but people type them
// anywhere. Digits within a longer word, as of an id, are none, and neither is what begins with 0 or 1.
std::string without_card_numbers(std::string_view text);

}  // namespace paylink
