// Bodies meant to confuse: every one gets a clear 400, and the connection lives on. JSONTestSuite is Nicolas Seriot's.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "answers.hpp"
#include "bodies.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

namespace fs = std::filesystem;

// The tests run in the source folder (cmake/paylink.cmake).
const fs::path suite = "../shared/data/JSONTestSuite";

TEST(HostileJson, TheJsonTestSuiteOverOneConnection) {
  if (!fs::exists(suite)) {
    const char* ci = std::getenv("CI");
    ASSERT_FALSE(ci && std::string_view(ci) == "true") << suite << " is missing, and CI may not go without it";
    GTEST_SKIP() << suite << " is missing";
  }
  const Sandbox sandbox;
  Connection connection(sandbox.port());
  int valid = 0, invalid = 0;
  for (const auto& file : fs::directory_iterator(suite / "test_parsing")) {
    const std::string name = file.path().filename();
    SCOPED_TRACE(name);
    const Fields fields{{"Authorization", sandbox.bearer()}, {"Content-Type", "application/json"}};
    const Message message{"POST", "/v2/payment_links", fields, read_file(file.path())};
    ASSERT_TRUE(connection.send(wire(message, sandbox.port())));
    const auto answer = connection.receive();
    ASSERT_TRUE(answer);
    check(*answer, {.status = 400});
    const bool malformed = errors_of(*answer).starts_with("malformed_json");
    if (name.starts_with("n_")) {
      ++invalid;
      EXPECT_TRUE(malformed) << answer->body;
    }
    if (name.starts_with("y_")) {
      ++valid;
      EXPECT_EQ(malformed, name.starts_with("y_object_duplicated_key")) << answer->body;
    }
  }
  EXPECT_EQ(valid, 95);
  EXPECT_EQ(invalid, 188);
}

TEST(HostileJson, WhatAValidBodyMayHide) {
  const Sandbox sandbox;
  const auto malformed = [](const char* name, const std::string& text, const std::string& where = "") {
    return Scenario{.name = name,
                    .method = "POST",
                    .target = "/v2/payment_links",
                    .body = text,
                    .status = 400,
                    .errors = "malformed_json" + (where.empty() ? "" : " " + where) + "\n"};
  };
  const auto hidden = [](const std::string& json) { return body(basket.with("extra", json)); };
  const std::string whole = body(basket);
  play(sandbox,
       {
           malformed("key twice", R"({"payment_link":{},"payment_link":{}})", "/payment_link"),
           malformed("key twice, once escaped", R"({"payment_link":{},"payment\u005flink":{}})", "/payment_link"),
           malformed("key twice where nobody looks", hidden(R"({"a":1,"a":2})"), "/payment_link/extra/a"),
           malformed("1e400", hidden("1e400")),
           malformed("-1e400", hidden("-1e400")),
           malformed("an integer of 400 digits", hidden(repeated(400, "9"))),
           malformed("NaN", hidden("NaN")),
           malformed("invalid UTF-8", hidden("\"\xC3\x28\"")),
           malformed("overlong UTF-8", hidden("\"\xC0\xAF\"")),
           malformed("a surrogate in UTF-8", hidden("\"\xED\xA0\x80\"")),
           malformed("half a surrogate pair", hidden(R"("\ud800")")),
           malformed("a NUL byte", whole + std::string(1, '\0')),
           malformed("a byte order mark", "\xEF\xBB\xBF" + whole),
           malformed("a comment", "/**/" + whole),
           malformed("a comma too many", hidden("[1,]")),
           malformed("two bodies", whole + whole),
           malformed("cut off", whole.substr(0, whole.size() - 1)),
           malformed("100,000 arrays", repeated(100'000, "[")),
           malformed("100,000 objects", repeated(40'000, R"({"a":)")),
           {.name = "text outside the first plane",
            .method = "POST",
            .target = "/v2/payment_links",
            .body = with_items({item.with("title", R"("\ud83d\ude00 <script>&")")}),
            .status = 201,
            .says = {"\xF0\x9F\x98\x80 <script>&"}},
       });
}

}  // namespace
}  // namespace paylink::scenario
