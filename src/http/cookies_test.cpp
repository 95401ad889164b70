#include "http/cookies.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace paylink::http {
namespace {

TEST(Cookies, FindsTheOneOfThatName) {
  struct Case {
    const char* name;
    std::vector<std::string_view> fields;
    std::optional<std::string_view> value;
  };
  const Case cases[] = {
      {"alone", {"id=abc"}, "abc"},
      {"among others", {"a=1; id=abc; b=2"}, "abc"},
      {"without the space", {"a=1;id=abc"}, "abc"},
      {"more spaces", {"a=1;\t id=abc \t; b=2"}, "abc"},
      {"an equals sign in it", {"id=a=b=="}, "a=b=="},
      {"empty", {"id="}, ""},
      {"beside a neighbour's nonsense", {"\"x; =; y==; \xff=\xff; id=abc"}, "abc"},
      {"none", {"a=1"}, {}},
      {"no field", {}, {}},
      {"an empty field", {""}, {}},
      {"a name alone", {"id"}, {}},
      {"twice", {"id=abc; id=abc"}, {}},
      {"twice, one of them broken", {"id=abc; id=\"abc\""}, {}},
      {"two fields", {"id=abc", "a=1"}, {}},
      {"another case", {"ID=abc"}, {}},
      {"a longer name", {"xid=abc; idx=abc"}, {}},
      {"in another's value", {"a=id=abc"}, {}},
      {"a space before the equals sign", {"id =abc"}, {}},
      {"quoted", {"id=\"abc\""}, {}},
      {"a comma", {"id=a,b"}, {}},
      {"a space inside", {"id=a b"}, {}},
      {"not ASCII", {"id=\xc3\xa9"}, {}},
      {"a backslash", {"id=a\\b"}, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Request request;
    for (const auto field : c.fields) request.fields.push_back({"cookie", field});
    EXPECT_EQ(cookie(request, "id"), c.value);
  }
}

TEST(Cookies, IsForOurPagesAlone) {
  EXPECT_EQ(set_cookie({.name = "__Host-id", .value = "abc"}), "__Host-id=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(set_cookie({.name = "id", .value = "", .sent_over = SentOver::any, .max_age = std::chrono::seconds(0)}),
            "id=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
  EXPECT_THROW(set_cookie({.name = "id", .value = "a;b"}), std::exception);
  EXPECT_THROW(set_cookie({.name = "id", .value = "a\r\nb"}), std::exception);
  EXPECT_THROW(set_cookie({.name = "i d", .value = "a"}), std::exception);
}

}  // namespace
}  // namespace paylink::http
