#include "runtime/client_counts.hpp"

#include <optional>

namespace paylink::runtime {
namespace {

using http::ClientNetwork;
using Family = ClientNetwork::Family;

constexpr char format = 1;
constexpr std::size_t entry_size = 18;

template <class Number>
void append(std::string& bytes, Number number) {
  for (int shift = 8 * (int{sizeof number} - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(static_cast<std::uint8_t>(number >> shift));
}

// Takes a number off the front; there are enough bytes.
template <class Number>
Number take(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  bytes.remove_prefix(sizeof(Number));
  return static_cast<Number>(number);
}

std::uint8_t number_of(Family family) {
  switch (family) {
    case Family::none:
      return 0;
    case Family::v4:
      return 4;
    case Family::v6:
      return 6;
  }
  return 0;
}

std::optional<Family> family_of(std::uint8_t number) {
  for (const Family family : {Family::none, Family::v4, Family::v6})
    if (number_of(family) == number) return family;
  return std::nullopt;
}

bool is_network(const ClientNetwork& client) {
  switch (client.family) {
    case Family::none:
      return client == ClientNetwork{};
    case Family::v4:
      return client.bits == 32 && client.prefix >> 32 == 0;
    case Family::v6:
      return client.bits <= 64 && client.wider(client.bits) == client;
  }
  return false;
}

std::optional<ClientCount> take_entry(std::string_view& bytes) {
  const auto family = family_of(take<std::uint8_t>(bytes));
  ClientCount count;
  count.client.bits = take<std::uint8_t>(bytes);
  count.client.prefix = take<std::uint64_t>(bytes);
  count.requests = take<std::uint32_t>(bytes);
  count.unauthorized = take<std::uint32_t>(bytes);
  if (!family) return std::nullopt;
  count.client.family = *family;
  if (!is_network(count.client) || count.sum() == 0) return std::nullopt;
  return count;
}

Failure damaged(std::string detail) {
  return fail(ErrorCode::internal, "damaged_client_counts", "Something went wrong on our side.", std::move(detail));
}

}  // namespace

std::string encode_client_counts(std::span<const ClientCount> counts) {
  std::string bytes;
  bytes.reserve(1 + counts.size() * entry_size);
  bytes += format;
  for (const ClientCount& count : counts) {
    append(bytes, number_of(count.client.family));
    append(bytes, count.client.bits);
    append(bytes, count.client.prefix);
    append(bytes, count.requests);
    append(bytes, count.unauthorized);
  }
  return bytes;
}

Result<std::vector<ClientCount>> decode_client_counts(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != format) return damaged("not of format 1");
  bytes.remove_prefix(1);
  const std::size_t entries = bytes.size() / entry_size;
  if (bytes.size() % entry_size != 0 || entries == 0 || entries > client_counts_max)
    return damaged(std::to_string(bytes.size()) + " bytes of entries");
  std::vector<ClientCount> counts;
  counts.reserve(entries);
  while (!bytes.empty()) {
    const auto count = take_entry(bytes);
    if (!count) return damaged("entry " + std::to_string(counts.size()));
    counts.push_back(*count);
  }
  return counts;
}

}  // namespace paylink::runtime
