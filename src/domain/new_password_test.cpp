#include "domain/new_password.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

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
      {"one character of two bytes", "éééééé", PasswordFault::one_character},
      {"one character of four bytes", "😀😀😀", PasswordFault::one_character},
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
