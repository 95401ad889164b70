#include "domain/role.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>

#include "domain/scopes.hpp"

namespace paylink {
namespace {

// The scopes that a role's row in the table of docs/oauth.md names.
Scopes documented(const std::string& role) {
  std::ifstream page("docs/oauth.md");  // the tests run in the source folder
  Scopes scopes;
  static const std::regex name("`([^`]+)`");
  for (std::string line; std::getline(page, line);)
    if (line.starts_with("| `" + role + "` |"))
      for (std::sregex_iterator found(line.begin(), line.end(), name), end; found != end; ++found)
        scopes.add((*found)[1].str());
  return scopes;
}

TEST(Role, MayDoWhatTheGuideSays) {
  const Scopes of_managers = documented("manager"), of_reporters = documented("reporter");
  EXPECT_EQ(of_reporters.text(), "offline_access");
  for (const auto scope : known_scopes()) {
    SCOPED_TRACE(scope);
    EXPECT_EQ(role_may(Role::manager, scope), scope.ends_with(".read") || of_managers.has(scope));
    EXPECT_EQ(role_may(Role::reporter, scope), scope.ends_with(".read") || of_reporters.has(scope));
    EXPECT_TRUE(role_may(Role::owner, scope) && role_may(Role::admin, scope));
  }
}

}  // namespace
}  // namespace paylink
