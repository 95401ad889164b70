#include "session/networks.hpp"

#include "http/client_network.hpp"

namespace paylink::session {
namespace {

constexpr std::uint8_t wide_bits = 48;
constexpr int wide_share = 4;

}  // namespace

std::vector<app::CountedNetwork> networks_of(const http::Request& request) {
  const auto client = http::ClientNetwork::of(request.client_address);
  std::vector<app::CountedNetwork> networks = {{client.text(), 1}};
  if (const auto wide = client.wider(wide_bits)) networks.push_back({wide->text(), wide_share});
  return networks;
}

}  // namespace paylink::session
