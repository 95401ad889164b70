#include "account/faults.hpp"

#include <algorithm>

namespace paylink::account {
namespace {

using pages::Language;
using pages::Values;

struct FaultRow {
  FormFault fault;
  std::string_view key;
  std::string_view field;  // its id
};

constexpr FaultRow fault_rows[] = {
    {FormFault::email_missing, "fault.email_missing", "email"},
    {FormFault::password_missing, "password.missing", "password"},
    {FormFault::sign_in_wrong, "sign_in.wrong", "password"},
    {FormFault::password_wrong, "password.wrong", "password"},
    {FormFault::current_missing, "password.current_missing", "current"},
    {FormFault::current_wrong, "password.current_wrong", "current"},
    {FormFault::too_short, "password.too_short", "new"},
    {FormFault::too_long, "password.too_long", "new"},
    {FormFault::is_email, "password.is_email", "new"},
    {FormFault::one_character, "password.one_character", "new"},
    {FormFault::unchanged, "password.unchanged", "new"},
    {FormFault::not_repeated, "password.not_repeated", "again"},
};

const FaultRow& row_of(FormFault fault) { return *std::ranges::find(fault_rows, fault, &FaultRow::fault); }

}  // namespace

FormFault fault_of(PasswordFault fault) {
  switch (fault) {
    case PasswordFault::too_short:
      return FormFault::too_short;
    case PasswordFault::too_long:
      return FormFault::too_long;
    case PasswordFault::is_email:
      return FormFault::is_email;
    case PasswordFault::one_character:
      break;
  }
  return FormFault::one_character;
}

void set_faults(Values& values, const Language& language, const FormFaults& faults) {
  if (faults.empty()) return;
  pages::Rows list;
  for (const FormFault fault : faults) {
    const FaultRow& row = row_of(fault);
    Values one;
    one["text"] = language.text(row.key);
    one["field"] = std::string(row.field);
    list.push_back(std::move(one));
    values[std::string(row.field) + "_fault"] = Values("text", language.text(row.key));
  }
  values["faults_title"] = language.text("fault.title", {{"count", static_cast<std::int64_t>(faults.size())}});
  values["faults"] = Values("list", Values(list));
}

std::string title_of(const Language& language, std::string_view key, const FormFaults& faults) {
  std::string title = language.text(key);
  return faults.empty() ? title : language.text("fault.title_prefix", {{"title", std::move(title)}});
}

int status_of(const FormFaults& faults) { return faults.empty() ? 200 : 422; }

}  // namespace paylink::account
