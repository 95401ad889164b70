#pragma once

#include <string>
#include <string_view>

namespace paylink {

// Whether text could be an e-mail address: one '@' with something on both sides, at most 254 bytes, no white space,
// control characters, quotes or brackets, and no empty label in the domain. Only delivery shows whether it exists.
bool is_email(std::string_view text);

// As it is stored and compared: in small letters, without spaces around it.
std::string normal_email(std::string_view email);

// Enough for its owner to recognise it and for nobody else to write to: `a…@example.com`.
std::string masked_email(std::string_view email);

}  // namespace paylink
