#include "runtime/client_counts.hpp"

#include <gtest/gtest.h>

namespace paylink::runtime {
namespace {

using http::ClientNetwork;

std::vector<ClientCount> examples() {
  const auto wide = ClientNetwork::of("2001:db8:1:2::3");
  return {{ClientNetwork::of("192.0.2.1"), 1, 0}, {wide, 0, 1},
          {*wide.wider(48), 70'000, 200},         {*wide.wider(32), 0xffff'ffff, 0xffff'ffff},
          {ClientNetwork::of("::1"), 2, 2},       {ClientNetwork::of("no address"), 3, 0}};
}

TEST(ClientCounts, ComeBackAsTheyWere) {
  const auto decoded = decode_client_counts(encode_client_counts(examples()));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, examples());
}

TEST(ClientCounts, AreTheseBytes) {
  const std::string expected("\1\6\x30\x20\1\x0d\xb8\0\1\0\0\0\0\1\2\0\0\0\3", 19);
  const auto network = *ClientNetwork::of("2001:db8:1::").wider(48);
  EXPECT_EQ(encode_client_counts(std::vector<ClientCount>{{network, 258, 3}}), expected);
}

TEST(ClientCounts, AreRefusedWhenDamaged) {
  const std::string good = encode_client_counts(std::vector<ClientCount>{{ClientNetwork::of("192.0.2.1"), 1, 2}});
  struct Case {
    const char* name;
    std::size_t at;
    std::string bytes;  // instead of those there
  };
  const Case cases[] = {{"another format", 0, "\2"},
                        {"no such family", 1, "\5"},
                        {"IPv4 of 31 bits", 2, "\x1f"},
                        {"IPv4 that is too long", 3, "\1"},
                        {"no address, with one", 1, std::string("\0\0", 2)},
                        {"IPv6 with bits behind its prefix", 1, "\6\x30"},
                        {"IPv6 of no bits", 1, std::string("\6\0", 2)},
                        {"IPv6 of 65 bits", 1, "\6\x41"},
                        {"nothing counted", 11, std::string(8, '\0')}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::string bytes = good;
    bytes.replace(c.at, c.bytes.size(), c.bytes);
    const auto decoded = decode_client_counts(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().reason, "damaged_client_counts");
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(decode_client_counts(good.substr(0, size))) << size;
  EXPECT_FALSE(decode_client_counts(good + '\0'));
}

TEST(ClientCounts, AreSoManyAtMost) {
  std::vector<ClientCount> counts(client_counts_max, examples().front());
  EXPECT_TRUE(decode_client_counts(encode_client_counts(counts)));
  counts.push_back(examples().front());
  EXPECT_FALSE(decode_client_counts(encode_client_counts(counts)));
}

}  // namespace
}  // namespace paylink::runtime
