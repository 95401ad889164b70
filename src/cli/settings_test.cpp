#include "cli/settings.hpp"

#include <gtest/gtest.h>

namespace paylink::cli {
namespace {

// "base url authorization staging", or what is wrong.
std::string told(const std::vector<Source>& sources) {
  const auto settings = resolve(sources);
  if (!settings) return settings.error().reason;
  const Access& access = settings->access;
  return access.base_url + " " + access.authorization + " " + access.staging_token;
}

TEST(Settings, TheFirstThatSaysSomethingWins) {
  struct Case {
    std::string name;
    std::vector<Source> sources;
    std::string told;
  };
  const Source url_a{.name = "a", .base_url = "http://a"}, url_b{.name = "b", .base_url = "https://b/x//"};
  const Source token{.name = "t", .token = "tok"}, key{.name = "k", .api_key = "shop:secret"};
  const Source both{.name = "both", .token = "tok2", .api_key = "shop:other"};
  const Case cases[] = {
      {"nobody", {}, "http://127.0.0.1:8080  "},
      {"the first address", {url_a, url_b}, "http://a  "},
      {"slashes at the end", {url_b, url_a}, "https://b/x  "},
      {"each thing for itself", {token, url_a}, "http://a Bearer tok "},
      {"a token before a key", {token, key}, "http://127.0.0.1:8080 Bearer tok "},
      {"a key before a token", {key, token, both}, "http://127.0.0.1:8080 shop:secret "},
      {"both in one place", {both, key}, "http://127.0.0.1:8080 Bearer tok2 "},
      {"a staging token", {{.name = "s", .staging_token = "st"}}, "http://127.0.0.1:8080  st"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(told(c.sources), c.told);
  }
}

TEST(Settings, RefuseWhatCannotBeSent) {
  struct Case {
    Source source;
    std::string said;
  };
  const Case cases[] = {
      {{.name = "here", .base_url = ""}, "here"},
      {{.name = "here", .base_url = "ftp://x"}, "http://"},
      {{.name = "here", .base_url = "http://"}, "http://"},
      {{.name = "here", .base_url = "http://x?y=1"}, "query"},
      {{.name = "here", .base_url = "http://user:word@x"}, "user"},
      {{.name = "here", .base_url = "http://x/ y"}, "host"},
      {{.name = "here", .base_url = "http://x/v2/"}, "without /v2: http://x"},
      {{.name = "here", .token = ""}, "here"},
      {{.name = "here", .token = "a\nX-Injected: b"}, "one word"},
      {{.name = "here", .token = "caf\xC3\xA9"}, "ASCII"},
      {{.name = "here", .api_key = "loginonly"}, "login:secret_key"},
      {{.name = "here", .api_key = "a:b\r\nc"}, "login:secret_key"},
      {{.name = "here", .staging_token = "a b"}, "one word"},
      {{.name = "here", .output = "xml"}, "table, json or yaml"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.said);
    const auto settings = resolve({c.source});
    ASSERT_FALSE(settings.has_value());
    EXPECT_EQ(settings.error().reason, "usage");
    EXPECT_NE(settings.error().message.find(c.said), std::string::npos) << settings.error().message;
  }
  const auto secret = resolve({{.name = "here", .token = "hush\x01hush"}});
  EXPECT_EQ(secret.error().message.find("hush"), std::string::npos);
}

TEST(Settings, ComeFromAReadyFile) {
  const auto ready = read_ready_file("r", R"({"base_url":"http://x:1","access_token":"t","other":5})");
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(told({*ready}), "http://x:1 Bearer t ");
  const auto strict = read_ready_file("r", R"({"base_url":"http://x:1","staging_token":"s","access_token":"t"})");
  ASSERT_TRUE(strict.has_value());
  EXPECT_EQ(told({*strict}), "http://x:1 Bearer t s");
  EXPECT_EQ(told({{.name = "flags", .staging_token = "mine"}, *strict}), "http://x:1 Bearer t mine");
  for (const std::string text :
       {"", "[]", "5", "{}", R"({"base_url":"http://x"})", R"({"base_url":1,"access_token":2})"}) {
    SCOPED_TRACE(text);
    const auto refused = read_ready_file("r", text);
    EXPECT_FALSE(refused.has_value());
  }
}

TEST(Settings, TakeIdempotencyKeysTheServerTakes) {
  for (const std::string& key : {std::string(255, 'k'), std::string("a b")})
    EXPECT_TRUE(check_idempotency_key(key).has_value()) << key;
  for (const char* const key : {"", " a", "a ", "a\nb", "caf\xC3\xA9"})
    EXPECT_FALSE(check_idempotency_key(key).has_value()) << key;
  EXPECT_FALSE(check_idempotency_key(std::string(256, 'k')).has_value());
}

}  // namespace
}  // namespace paylink::cli
