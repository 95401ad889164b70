#include "domain/new_password.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(NewPassword, IsLongAndNotWhatIsTriedFirst) {
  struct Case {
    const char* name;
    std::string password;
    std::optional<PasswordFault> fault;
  };
  const Case cases[] = {
      {"shortest", "abcdefghijkl", {}},
      {"one less", "abcdefghijk", PasswordFault::too_short},
      {"none", "", PasswordFault::too_short},
      {"longest", std::string(1023, 'a') + "b", {}},
      {"one more", std::string(1024, 'a') + "b", PasswordFault::too_long},
      {"the address", "ada@example.com", PasswordFault::is_email},
      {"the address in capitals", " ADA@example.com", PasswordFault::is_email},
      {"more than the address", "ada@example.com!", {}},
      {"one character", "aaaaaaaaaaaa", PasswordFault::one_character},
      {"one character of two bytes", "éééééééééééé", PasswordFault::one_character},
      {"one character of four bytes", "😀😀😀😀😀😀😀😀😀😀😀😀", PasswordFault::one_character},
      {"shortest, of two bytes each", "éèéèéèéèéèéè", {}},
      {"one less, of two bytes each", "éèéèéèéèéèé", PasswordFault::too_short},
      {"three, of four bytes each", "😀😁😂", PasswordFault::too_short},
      {"longest, of two bytes each", std::string("éè") + repeated("é", 510), {}},
      {"one more byte", "a" + std::string("éè") + repeated("é", 510), PasswordFault::too_long},
      {"two characters", "aaaaaaaaaaab", {}},
      {"words", "correct horse battery staple", {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(password_fault(c.password, "Ada@example.com"), c.fault);
  }
}

}  // namespace
}  // namespace paylink
