#pragma once

#include <cstdint>
#include <vector>

#include "domain/new_password.hpp"
#include "pages/site.hpp"

namespace paylink::account {

// What is wrong with what was typed into one of our forms.
enum class FormFault : std::uint8_t {
  email_missing,
  password_missing,
  sign_in_wrong,  // the address or the password: which one is not told
  password_wrong,
  current_missing,
  current_wrong,
  too_short,
  too_long,
  is_email,
  one_character,
  unchanged,
  not_repeated,
};

using FormFaults = std::vector<FormFault>;

FormFault fault_of(PasswordFault fault);

// For the partial account/faults, and `<field>_fault` for each field.
void set_faults(pages::Values& values, const pages::Language& language, const FormFaults& faults);
// The title, which says so first when there are faults; and the status.
std::string title_of(const pages::Language& language, std::string_view key, const FormFaults& faults);
int status_of(const FormFaults& faults);

}  // namespace paylink::account
