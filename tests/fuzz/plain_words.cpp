// Small decoders of a whole text with one spelling for each value: moments (base/clock), UUIDs (base/ids), durations
// (sandbox/duration), e-mail addresses (domain/email), bank accounts (domain/bank_account_number). What is accepted is
// written as something that is accepted again.
#include <algorithm>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/bank_account_number.hpp"
#include "domain/email.hpp"
#include "input.hpp"
#include "sandbox/duration.hpp"

namespace paylink {
namespace {

char large(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

void check_moment(std::string_view text) {
  const auto moment = parse_rfc3339(text);
  if (!moment) return;
  const std::string plain = to_rfc3339(*moment);
  ENSURE(parse_rfc3339(plain) == moment);
  // In UTC and without a fraction there is one way to write it, but for small letters.
  constexpr std::size_t plain_size = 20;
  if (text.size() == plain_size) ENSURE(std::ranges::equal(text, plain, {}, large, large));
  // It is what it says in UTC, less its offset, plus its fraction.
  const auto utc = parse_rfc3339(std::string(text.substr(0, plain_size - 1)) + "Z");
  ENSURE(utc);
  std::chrono::minutes offset{0};
  if (large(text.back()) != 'Z') {
    const std::string_view zone = text.substr(text.size() - 6);  // +01:30
    const auto number = [&zone](std::size_t at) { return 10 * (zone[at] - '0') + zone[at + 1] - '0'; };
    offset = std::chrono::minutes((zone.front() == '-' ? -1 : 1) * (60 * number(1) + number(4)));
  }
  const auto fraction = *moment - (*utc - offset);
  ENSURE(fraction >= std::chrono::seconds(0) && fraction < std::chrono::seconds(1));
}

void check_uuid(std::string_view text) {
  const auto uuid = Uuid::parse(text);
  if (!uuid) return;
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  ENSURE(uuid->text() == lower && Uuid::parse(lower) == uuid);
}

void check_duration(std::string_view text) {
  const auto duration = sandbox::parse_duration(text);
  if (!duration) return;
  ENSURE(duration->count() >= 0 && duration->count() <= 36'600LL * 86'400);
  ENSURE(text.find_first_not_of("0123456789dhms") == std::string_view::npos);
  std::int64_t sum = 0, number = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + (c - '0');
      continue;
    }
    sum += number * (c == 'd' ? 86'400 : c == 'h' ? 3'600 : c == 'm' ? 60 : 1);
    number = 0;
  }
  ENSURE(sum == duration->count());
}

void check_email(std::string_view text) {
  const std::string masked = masked_email(text);
  if (!is_email(text)) return;
  ENSURE(text.size() <= 254 && std::ranges::count(text, '@') == 1);
  ENSURE(text.find_first_of(" \t\r\n<>\",;") == std::string_view::npos);
  const std::string_view domain = text.substr(text.find('@'));
  ENSURE(masked.ends_with(domain));
  ENSURE(fuzz::is_utf8(text) && fuzz::is_utf8(masked) && masked.size() <= domain.size() + 4 + 3);
}

bool is_large_or_digit(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Its letters as numbers, it leaves 1 when it is divided by 97 (ISO 7064), digit by digit.
void check_iban(std::string_view text) {
  const auto iban = parse_iban(text);
  ENSURE(!masked_account_number(text).empty() || text.empty());
  if (!iban) return;
  ENSURE(iban->size() >= 15 && iban->size() <= 34 && std::ranges::all_of(*iban, is_large_or_digit));
  ENSURE(parse_iban(*iban) == iban);
  unsigned rest = 0;
  for (std::size_t i = 0; i < iban->size(); ++i) {
    const char c = (*iban)[(i + 4) % iban->size()];
    for (const char digit : c <= '9' ? std::string(1, c) : std::to_string(c - 'A' + 10))
      rest = (rest * 10 + static_cast<unsigned>(digit - '0')) % 97;
  }
  ENSURE(rest == 1);
  std::string bent = *iban;
  bent[3] = bent[3] == '9' ? '0' : static_cast<char>(bent[3] + 1);
  ENSURE(!parse_iban(bent));
}

void check_bic(std::string_view text) {
  const auto bic = parse_bic(text);
  if (!bic) return;
  ENSURE((bic->size() == 8 || bic->size() == 11) && std::ranges::all_of(*bic, is_large_or_digit));
  ENSURE(parse_bic(*bic) == bic && std::ranges::equal(text, *bic, {}, large, large));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check_moment(text);
  paylink::check_uuid(text);
  paylink::check_duration(text);
  paylink::check_email(text);
  paylink::check_iban(text);
  paylink::check_bic(text);
  return 0;
}
