#include "domain/bank_account_number.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace paylink {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_either(char c) { return is_digit(c) || is_capital(c); }

std::string in_capitals(std::string_view text) {
  std::string result;
  for (const char c : text) result += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

// The remainder by 97, the letters read as the numbers from 10 on.
int remainder(std::string_view text) {
  int rest = 0;
  for (const char c : text) rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  return rest;
}

}  // namespace

std::optional<std::string> parse_iban(std::string_view text) {
  std::string iban = in_capitals(text);
  std::erase(iban, ' ');
  if (iban.size() < 15 || iban.size() > 34 || !std::ranges::all_of(iban, is_either)) return std::nullopt;
  if (!is_capital(iban[0]) || !is_capital(iban[1]) || !is_digit(iban[2]) || !is_digit(iban[3])) return std::nullopt;
  if (remainder(iban.substr(4) + iban.substr(0, 4)) != 1) return std::nullopt;
  return iban;
}

std::optional<std::string> parse_bic(std::string_view text) {
  std::string bic = in_capitals(text);
  if ((bic.size() != 8 && bic.size() != 11) || !std::ranges::all_of(bic, is_either)) return std::nullopt;
  if (!is_capital(bic[4]) || !is_capital(bic[5])) return std::nullopt;
  return bic;
}

std::string masked_account_number(std::string_view iban) {
  constexpr std::size_t shown = 4;
  if (iban.size() <= 2 * shown) return std::string(iban);
  return std::string(iban.substr(0, shown)).append(" … ").append(iban.substr(iban.size() - shown));
}

}  // namespace paylink
