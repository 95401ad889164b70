#include "http/web_address.hpp"

#include <gtest/gtest.h>

namespace paylink::http {
namespace {

TEST(WebAddress, SaysWhereItLeads) {
  struct Case {
    std::string text, authority, host;
    bool has_user, is_loopback;
  };
  const Case cases[] = {
      {"https://shop.example.com/settings?x=1#top", "shop.example.com", "shop.example.com", false, false},
      {"HTTPS://Shop.Example.COM:443", "shop.example.com", "shop.example.com", false, false},
      {"http://shop.example.com:8080/", "shop.example.com:8080", "shop.example.com", false, false},
      {"https://bank.example@evil.example/", "evil.example", "evil.example", true, false},
      {"http://127.0.0.1:3000/back", "127.0.0.1:3000", "127.0.0.1", false, true},
      {"http://[::1]:3000/back", "[::1]:3000", "::1", false, true},
      {"http://localhost/back", "localhost", "localhost", false, true},
      {"http://[0:0::1]/back", "[0:0::1]", "0:0::1", false, true},
      {"http://127.0.0.256/", "127.0.0.256", "127.0.0.256", false, false},
      {"http://127.1/", "127.1", "127.1", false, false},
      {"http://127.evil.example/", "127.evil.example", "127.evil.example", false, false},
      {"http://127.0.0.1.evil.example/back", "127.0.0.1.evil.example", "127.0.0.1.evil.example", false, false},
      {"https://192.0.2.1evil.example", "192.0.2.1evil.example", "192.0.2.1evil.example", false, false},
      {"http://10.0.0.1.nip.example:3000?x=1", "10.0.0.1.nip.example:3000", "10.0.0.1.nip.example", false, false},
      {"http://me@10.0.0.1.nip.example/", "10.0.0.1.nip.example", "10.0.0.1.nip.example", true, false},
      {"http://localhost.evil.example/", "localhost.evil.example", "localhost.evil.example", false, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto address = parse_web_address(c.text);
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(address->authority, c.authority);
    EXPECT_EQ(address->host, c.host);
    EXPECT_EQ(address->has_user, c.has_user);
    EXPECT_EQ(address->is_loopback(), c.is_loopback);
  }
}

TEST(WebAddress, IsNothingElse) {
  for (const std::string text : {"",
                                 "shop.example.com",
                                 "/settings",
                                 "//shop.example.com",
                                 "https:",
                                 "https://",
                                 "https:///path",
                                 "ftp://a.example",
                                 "javascript:alert(1)",
                                 "https://shop example.com",
                                 "https://shop.example.com/ ",
                                 "https://shop.example.com:port",
                                 "https://shop.example.com:99999",
                                 "https://shop.example.com:0",
                                 "https://sh%6fp.example.com",
                                 "https://b\xc3\xbc"
                                 "cher.example",
                                 "https://shop.example.com/\n",
                                 "https://[::1",
                                 "https://[::1]evil.example/",
                                 "http://127.0.0.1.evil.example:0/",
                                 "data:text/html,x"})
    EXPECT_FALSE(parse_web_address(text).has_value()) << text;
}

}  // namespace
}  // namespace paylink::http
