// What we have written ourselves and read again from where others may have changed it: a list's cursor
// (app/link_cursor), the end of the audit log (store/audit_log), counts of clients that nodes tell one another
// (runtime/client_counts), what a sandbox grew from (sandbox/seed), an account's profiles (app/provider_grants). What
// is read is what would be written. The fuzzer cannot guess signatures: a place is tried with the right one, so that
// what it says is reached.
#include <algorithm>
#include <string>

#include "app/link_cursor.hpp"
#include "app/provider_grants.hpp"
#include "crypto/encoding.hpp"
#include "input.hpp"
#include "keys.hpp"
#include "runtime/client_counts.hpp"
#include "sandbox/seed.hpp"
#include "store/audit_log.hpp"

namespace paylink {
namespace {

using fuzz::keys;

constexpr std::size_t place_size = 8 + Uuid::size;

LinkFilter filter_of(std::string_view text) {
  LinkFilter filter;
  if (text.empty()) return filter;
  const auto draw = static_cast<unsigned char>(text.back());
  filter.order = static_cast<LinkOrder>(draw % 3);
  filter.direction = draw & 4 ? Direction::ascending : Direction::descending;
  if (draw & 8) filter.statuses = {LinkStatus::open};
  if (draw & 16) filter.metadata = {{"order", std::string(text)}};
  return filter;
}

// Of another list it says nothing, nor with one bit flipped.
void check_made(const LinkPlace& place, OrganizationId organization, const LinkFilter& filter) {
  const std::string cursor = app::make_link_cursor(place, organization, filter, keys());
  const auto read = app::read_link_cursor(cursor, organization, filter, keys());
  ENSURE(read.has_value() && *read == place);
  LinkFilter other = filter;
  other.metadata.push_back({"a", "b"});
  ENSURE(!app::read_link_cursor(cursor, organization, other, keys()));
  const OrganizationId stranger(Uuid::of_bytes(std::string(Uuid::size, '\1')));
  ENSURE(stranger == organization || !app::read_link_cursor(cursor, stranger, filter, keys()));
  auto bytes = crypto::from_base64url(cursor).value();
  bytes[static_cast<std::size_t>(place.key & 0xFF) % bytes.size()] ^= 1;
  ENSURE(!app::read_link_cursor(crypto::to_base64url(bytes), organization, filter, keys()));
}

void check_cursor(std::string_view text) {
  const OrganizationId organization(Uuid::of_bytes(std::string(Uuid::size, '\7')));
  const LinkFilter filter = filter_of(text);
  const auto guessed = app::read_link_cursor(text, organization, filter, keys());
  ENSURE(!guessed.has_value() && guessed.error().code == ErrorCode::invalid_input);
  std::string bytes(text.substr(0, place_size));
  bytes.resize(place_size);
  std::uint64_t key = 0;
  for (const char byte : bytes.substr(0, 8)) key = key << 8 | static_cast<unsigned char>(byte);
  check_made({static_cast<std::int64_t>(key), PaymentLinkId(Uuid::of_bytes(bytes.substr(8)))}, organization, filter);
}

void check_audit_head(std::string_view text) {
  const auto head = store::parse_audit_head(text);
  if (!head) return;
  ENSURE(head->number >= 0 && head->mac.size() == (head->number == 0 ? 0U : 32U));
  const auto again = store::parse_audit_head(store::write_audit_head(*head));
  ENSURE(again.has_value() && again->number == head->number && again->mac == head->mac);
}

void check_counts(std::string_view bytes) {
  const auto counts = runtime::decode_client_counts(bytes);
  if (!counts) {
    ENSURE(counts.error().reason == "damaged_client_counts");
    return;
  }
  ENSURE(!counts->empty() && counts->size() <= runtime::client_counts_max);
  ENSURE(std::ranges::all_of(*counts, [](const runtime::ClientCount& count) { return count.sum() > 0; }));
  ENSURE(runtime::encode_client_counts(*counts) == bytes);
}

// A secret of 32 bytes and a moment.
void check_seed(std::string_view text) {
  const auto seed = sandbox::Seed::parse(text);
  if (!seed) return ENSURE(seed.error().reason == "bad_seed");
  const auto again = sandbox::Seed::parse(seed->text());
  ENSURE(again.has_value() && again->secret.reveal() == seed->secret.reveal());
  ENSURE(seed->secret.reveal().size() == 32 && again->created_at == seed->created_at);
}

void check_profiles(std::string_view text) {
  const auto profiles = app::read_profiles(text);
  if (!profiles) return ENSURE(profiles.error().reason == "damaged_profiles");
  const auto again = app::read_profiles(app::write_profiles(*profiles));
  ENSURE(again.has_value() && again->size() == profiles->size());
  for (std::size_t i = 0; i < profiles->size(); ++i) {
    const app::ProviderProfile &one = (*profiles)[i], &same = (*again)[i];
    ENSURE(one.id == same.id && one.name == same.name && one.is_blocked == same.is_blocked);
  }
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check_cursor(text);
  paylink::check_audit_head(text);
  paylink::check_counts(text);
  paylink::check_seed(text);
  paylink::check_profiles(text);
  return 0;
}
