#include "domain/redirect_uri.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <regex>
#include <string>
#include <vector>

namespace paylink {
namespace {

using enum RedirectUriKind;

TEST(RedirectUri, OfTheseKindsMayBeRegistered) {
  const std::string longest = "https://shop.example/" + std::string(redirect_uri_bytes_max - 21, 'a');
  struct Case {
    std::string uri;
    RedirectUriKind kind;
  };
  const Case cases[] = {
      {"https://shop.example/callback", web},
      {"https://shop.example", web},
      {"https://shop.example:8443/oauth/callback?tenant=7&next=%2Fhome", web},
      {"https://Shop.Example/Callback", web},
      {"https://xn--caf-dma.example/cb", web},
      {"https://192.0.2.7/cb", web},
      {"https://[2001:db8::1]:8443/cb", web},
      {"https://localhost/cb", web},
      {"https://shop.example?from=paylink", web},
      {"https://shop.example/a@b", web},
      {longest, web},
      {"http://127.0.0.1/callback", loopback},
      {"http://127.0.0.1:8765/callback", loopback},
      {"http://[::1]", loopback},
      {"http://[::1]:1/callback?x=y", loopback},
      {"http://localhost:3000/callback", localhost},
      {"http://localhost/callback", localhost},
      {"com.example.app:/callback", private_use},
      {"com.example.app://callback", private_use},
      {"com.example-2.app:/callback?x=y", private_use},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.uri);
    const auto kind = redirect_uri_kind(c.uri);
    ASSERT_TRUE(kind) << kind.error().message;
    EXPECT_EQ(*kind, c.kind);
    EXPECT_TRUE(redirect_uri_matches(c.uri, c.uri));
  }
}

TEST(RedirectUri, OfOtherFormsIsRefusedForItsReason) {
  using namespace std::string_literals;
  const char* const absolute = "must be absolute";
  const char* const characters = "no other characters";
  const char* const host = "needs a host";
  const char* const scheme = "begins with https://";
  const char* const this_machine = "lead to this machine";
  struct Case {
    std::string uri;
    const char* says;
  };
  const Case cases[] = {
      {"", absolute},
      {"/callback", absolute},
      {"//shop.example/callback", absolute},
      {"shop.example/callback", absolute},
      {"://shop.example/callback", absolute},
      {"https://shop.example/" + std::string(redirect_uri_bytes_max - 20, 'a'), "at most 2000 bytes"},
      {"https://shop.example/call back", characters},
      {" https://shop.example/", characters},
      {"https://shop.example/ ", characters},
      {"https://shop.example/\r\nX: y", characters},
      {"https://shop.example/\0"s, characters},
      {"https://shop.example/\x7F", characters},
      {"https://shop.example\\@evil.example/", characters},
      {"https://shop.example/caf\xC3\xA9", characters},
      {"https://caf\xC3\xA9.example/", characters},
      {"https://shop.example/\"><script>", characters},
      {"https://shop.example/{tenant}", characters},
      {"https://shop.example/a[0]", characters},
      {"https://shop.example/%2", characters},
      {"https://shop.example/%zz", characters},
      {"https://[::1\0]/"s, characters},
      {"https://[shop.example]/", characters},
      {"https://[::1]evil.example/", host},
      {"https://[1:2]/", characters},
      {"https://user@[::1]/", characters},
      {"com.example.app://[<]/", characters},
      {"https://shop.example/callback#", "fragment"},
      {"https://shop.example/callback#at", "fragment"},
      {"https://shop.example#at", "fragment"},
      {"com.example.app:/callback#at", "fragment"},
      {"https://*.shop.example/callback", "wildcard"},
      {"https://shop.example/*", "wildcard"},
      {"https://user@shop.example/", "must not have a user"},
      {"https://user:password@shop.example/", "must not have a user"},
      {"https://@shop.example/", "must not have a user"},
      {"https://[::1]@shop.example/", "must not have a user"},
      {"http://127.0.0.1@shop.example/", "must not have a user"},
      {"com.example.app://user@callback", "must not have a user"},
      {"https:", host},
      {"https:/callback", host},
      {"https:shop.example/callback", host},
      {"https:///callback", host},
      {"https://:443/", host},
      {"https://shop.example:/", host},
      {"https://shop.example:0/", host},
      {"https://shop.example:0443/", host},
      {"https://shop.example:65536/", host},
      {"https://shop.example:443:443/", host},
      {"https://shop.example:44a/", host},
      {"https://shop..example/", host},
      {"https://shop.example./", host},
      {"https://.example/", host},
      {"https://shop%2eexample/", host},
      {"http://shop.example/callback", this_machine},
      {"http://127.0.0.2/callback", this_machine},
      {"http://127.1/callback", this_machine},
      {"http://[::2]/callback", this_machine},
      {"http://[0:0:0:0:0:0:0:1]/callback", this_machine},
      {"http://[::ffff:127.0.0.1]/callback", this_machine},
      {"http://0.0.0.0/callback", this_machine},
      {"http://localhost.shop.example/callback", this_machine},
      {"http://LOCALHOST/callback", this_machine},
      {"http://127.0.0.1.shop.example/", this_machine},
      {"HTTPS://shop.example/callback", scheme},
      {"javascript:alert(1)", scheme},
      {"javascript://shop.example/%0aalert(1)", scheme},
      {"data:text/html,x", scheme},
      {"file:///etc/passwd", scheme},
      {"vbscript:x", scheme},
      {"ftp://shop.example/", scheme},
      {"mailto:owner@shop.example", scheme},
      {"myapp:/callback", scheme},
      {"urn:ietf:wg:oauth:2.0:oob", scheme},
      {"Com.example.app:/callback", scheme},
      {"com.example.:/callback", scheme},
      {"com..example:/callback", scheme},
      {".com:/callback", scheme},
      {"2.com:/callback", scheme},
      {"com.example.app:", "there must be a path"},
      {"com.example.app:callback", "there must be a path"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.uri);
    const auto kind = redirect_uri_kind(c.uri);
    ASSERT_FALSE(kind);
    EXPECT_EQ(kind.error().reason, "bad_redirect_uri");
    EXPECT_NE(kind.error().message.find(c.says), std::string::npos) << kind.error().message;
  }
}

TEST(RedirectUri, HasAHostOnTheWeb) {
  struct Case {
    const char* uri;
    const char* host;
  };
  const Case cases[] = {
      {"https://shop.example/callback", "shop.example"},
      {"HTTPS://Shop.Example:8443?a=b", "shop.example"},
      {"https://shop.example", "shop.example"},
      {"https://shop.example#settings", "shop.example"},
      {"http://127.0.0.1:8765/callback", "127.0.0.1"},
      {"http://[::1]:8765/callback", "[::1]"},
      {"https://evil.example#@shop.example/", "evil.example"},
      {"https://evil.example?@shop.example/", "evil.example"},
      {"https://shop.example@evil.example/", ""},
      {"https://shop.example:443@evil.example/", ""},
      {"https://evil.example\\@shop.example/", ""},
      {"https://shop%2Eexample/", ""},
      {"https:///shop.example", ""},
      {"https:shop.example", ""},
      {"com.example.app://shop.example/callback", ""},
      {"shop.example", ""},
      {"", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.uri);
    EXPECT_EQ(web_host(c.uri), c.host);
  }
}

TEST(RedirectUri, OfALoopbackAddressMayHaveAnotherPort) {
  struct Case {
    const char* registered;
    const char* requested;
    bool matches;
  };
  const Case cases[] = {
      {"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true},
      {"http://127.0.0.1:8765/cb", "http://127.0.0.1:51004/cb", true},
      {"http://127.0.0.1:8765/cb", "http://127.0.0.1/cb", true},
      {"http://[::1]/cb?a=b", "http://[::1]:65535/cb?a=b", true},
      {"http://[::1]:1", "http://[::1]:2", true},
      {"http://127.0.0.1/cb", "http://[::1]/cb", false},
      {"http://127.0.0.1/cb", "http://localhost/cb", false},
      {"http://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1:080/cb", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1:/cb", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb/", false},
      {"http://127.0.0.1", "http://127.0.0.1:51004/", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false},
      {"http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", false},
      {"http://localhost:3000/cb", "http://localhost:3001/cb", false},
      {"https://127.0.0.1:1/cb", "https://127.0.0.1:2/cb", false},
      {"https://shop.example/cb", "https://shop.example:443/cb", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.registered) + " " + c.requested);
    EXPECT_EQ(redirect_uri_matches(c.registered, c.requested), c.matches);
  }
}

// What an attacker, or a careless client, sends instead of a registered URI.
class NearMisses {
 public:
  explicit NearMisses(unsigned seed) : random_(seed) {}

  // Not always another one than `uri`.
  std::string of(std::string uri) {
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(uri);
    return uri;
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  const char* one_of(std::initializer_list<const char*> words) { return *(words.begin() + below(words.size())); }
  std::size_t place_in(const std::string& uri) { return below(uri.size() + 1); }

  static std::size_t host_begin(const std::string& uri) {
    const std::size_t slashes = uri.find("//");
    return slashes == std::string::npos ? uri.find(':') + 1 : slashes + 2;
  }
  static std::size_t host_end(const std::string& uri) {
    return std::min(uri.find_first_of("/?#", std::min(host_begin(uri), uri.size())), uri.size());
  }

  void insert(std::string& uri, std::size_t at, const std::string& text) { uri.insert(std::min(at, uri.size()), text); }

  void change(std::string& uri) {
    if (uri.empty()) return;
    switch (below(16)) {
      case 0: {  // letters of the other case
        char& c = uri[below(uri.size())];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) c = static_cast<char>(c ^ 0x20);
        break;
      }
      case 1:  // a port, a second one, none at all
        insert(uri, host_end(uri), one_of({":443", ":80", ":8443", ":", ":0", ":00443", ":65536", ":443:443", ":-1"}));
        break;
      case 2:
        insert(uri, uri.size(), one_of({"/", "//", "/.", "/..", "?", "#", "&", ";", ".", "%20", "%00", "\\"}));
        break;
      case 3:  // on the way to another path
        insert(uri, place_in(uri), one_of({"/./", "/../", "/%2e%2e/", "/%2e/", "/..;/", "//", "\\..\\", "/.%2E/"}));
        break;
      case 4: {  // percent-encoded, which a careless comparison undoes
        constexpr char digits[] = "0123456789abcdef";
        const std::size_t at = below(uri.size());
        const auto byte = static_cast<unsigned char>(uri[at]);
        uri.replace(at, 1, {'%', digits[byte >> 4], digits[byte & 15]});
        break;
      }
      case 5:
        insert(uri, host_begin(uri), one_of({"user@", "user:password@", "evil.example@", "@", "evil.example%40"}));
        break;
      case 6:
        insert(uri, uri.size(), one_of({"#", "#at", "#@evil.example", "#?code=1", "%23at"}));
        break;
      case 7: {  // the query's parts in another order
        const std::size_t query = uri.find('?'), middle = uri.find('&', std::min(query, uri.size()));
        if (middle == std::string::npos) insert(uri, uri.size(), uri.find('?') == std::string::npos ? "?a=b" : "&a=b");
        if (middle != std::string::npos)
          uri = uri.substr(0, query + 1) + uri.substr(middle + 1) + "&" + uri.substr(query + 1, middle - query - 1);
        break;
      }
      case 8:  // what looks alike, or becomes a dot in a browser
        insert(uri, place_in(uri),
               one_of({"\xD0\xB0", "\xD0\xBE", "\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBC\x8F", "\xC2\xAD", "xn--",
                       "\xE2\x80\x8B"}));
        break;
      case 9:
        insert(uri, place_in(uri), one_of({"\r\n", "\n", "\t", " ", "%0d%0a", "\r\nLocation: https://evil.example/"}));
        break;
      case 10:
        insert(uri, host_begin(uri), one_of({"evil.", "www.", "-", ".", "a.b.", "evil-"}));
        break;
      case 11:  // the host goes on
        insert(uri, host_end(uri),
               one_of({".evil.example", "evil.example", ".", "\\.evil.example", "\\@evil.example", "@evil.example",
                       "%2eevil.example", "%00.evil.example"}));
        break;
      case 12:
        insert(uri, 0, one_of({"https://evil.example/?u=", "x", " ", "//", "javascript:", "https:", "data:", "\t"}));
        break;
      case 13:
        insert(uri, place_in(uri), std::string(1, static_cast<char>(below(256))));
        break;
      case 14:
        uri.erase(below(uri.size()), 1 + below(3));
        break;
      default: {  // another scheme
        const std::size_t colon = std::min(uri.find(':'), uri.size());
        uri.replace(0, colon, one_of({"http", "https", "ftp", "javascript", "com.example.app", "com.example.apps"}));
      }
    }
  }

  std::mt19937 random_;
};

// All but the port of a loopback address, by other means than the code's.
std::string without_loopback_port(const std::string& uri) {
  static const std::regex port(R"(^(http://(?:127\.0\.0\.1|\[::1\])):([1-9][0-9]{0,4})(?=$|[/?]))");
  std::smatch found;
  if (!std::regex_search(uri, found, port) || std::stoi(found[2]) > 65'535) return uri;
  return found[1].str() + found.suffix().str();
}

TEST(RedirectUri, AlmostTheSameIsNeverAccepted) {
  const std::vector<std::string> registered = {
      "https://shop.example/callback",
      "https://shop.example",
      "https://shop.example:8443/cb?a=1&b=2",
      "https://xn--caf-dma.example/oauth/callback/",
      "http://127.0.0.1/callback",
      "http://127.0.0.1:8765/callback?x=y&z=1",
      "http://[::1]:8765/callback",
      "http://localhost:3000/callback",
      "com.example.app:/callback",
      "com.example.app://callback/%2Fa",
  };
  std::vector<std::string> meant;
  for (const std::string& uri : registered) {
    ASSERT_TRUE(redirect_uri_kind(uri)) << uri;
    meant.push_back(without_loopback_port(uri));
  }
  NearMisses near_misses(20'260'731);
  int misses = 0, accepted = 0;
  for (std::size_t i = 0; misses < 100'000; ++i) {
    const std::string uri = near_misses.of(registered[i % registered.size()]);
    if (std::ranges::find(meant, without_loopback_port(uri)) != meant.end()) continue;  // it is one of them after all
    ++misses;
    for (const std::string& one : registered)
      if (redirect_uri_matches(one, uri)) {
        ++accepted;
        ADD_FAILURE() << uri << " was taken for " << one;
      }
  }
  EXPECT_EQ(misses, 100'000);
  EXPECT_EQ(accepted, 0);
}

}  // namespace
}  // namespace paylink
