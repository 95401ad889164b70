// Every page is compared with tests/golden/pages/<name>.html. UPDATE_GOLDEN=1 writes them anew: read the difference
// then.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "golden/storybook.hpp"

namespace paylink::golden {
namespace {

const std::filesystem::path folder = "tests/golden/pages";

const pages::Language& speaking(std::string_view tag) {
  static const auto site = pages::Site::create(pages::Transport::tls);
  return site->language(tag);
}

const pages::Language& english() { return speaking("en"); }

// What is compared: the status and the fields that lead the browser on, then the page. The hash in an asset's address
// is left out, so that a new colour does not touch every page.
std::string golden_text(const http::Response& page) {
  std::string head = "<!-- " + std::to_string(page.status);
  std::istringstream fields(page.fields);
  for (std::string line; std::getline(fields, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("Refresh") || line.starts_with("Retry-After")) head += " | " + line;
  }
  static const std::regex hash("(/assets/[a-z]+)\\.[0-9a-f]{16}\\.");
  return head + " -->\n" + std::regex_replace(page.body, hash, "$1.HASH.");
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Golden, EveryPageIsAsRecorded) {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::filesystem::create_directories(folder);
  std::set<std::string> names;
  for (const Story& story : storybook(english())) {
    SCOPED_TRACE(story.name);
    const auto path = folder / (story.name + ".html");
    EXPECT_TRUE(names.insert(path.filename()).second) << "two pages of one name";
    if (update) std::ofstream(path) << golden_text(story.page);
    EXPECT_EQ(golden_text(story.page), read(path));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (names.contains(entry.path().filename())) continue;
    if (update) std::filesystem::remove(entry.path());
    EXPECT_TRUE(update) << "no page has this name any more: " << entry.path();
  }
}

// What came from outside is never markup, in no language: not in an element, not in an attribute, not as an address,
// not as a template.
TEST(Golden, HostileTextStaysText) {
  for (const char* tag : {"en", "de", "es", "fr", "it", "nl"}) {
    for (const Story& story : storybook(speaking(tag))) {
      SCOPED_TRACE(std::string(tag) + " " + story.name);
      EXPECT_NE(story.page.body.find("<html lang=\"" + std::string(tag) + "\">"), std::string::npos);
      for (const char* forbidden : {"<script", "<img", "javascript:", "style=", "<iframe"})
        EXPECT_EQ(story.page.body.find(forbidden), std::string::npos) << forbidden;
      const bool hostile = story.name.find("hostile") != std::string::npos;
      EXPECT_EQ(story.page.body.find("&lt;/title&gt;&lt;script&gt;") != std::string::npos, hostile);
      EXPECT_EQ(story.page.body.find("&quot;&apos;&gt;&lt;img") != std::string::npos, hostile);
    }
  }
}

TEST(Golden, AnsweredLinksSayNothingOfThePayer) {
  for (const Story& story : storybook(english())) {
    if (!story.name.starts_with("notice_")) continue;
    SCOPED_TRACE(story.name);
    for (const char* secret : {"ada@example.com", "iDEAL", "2026", "€"})
      EXPECT_EQ(story.page.body.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace paylink::golden
