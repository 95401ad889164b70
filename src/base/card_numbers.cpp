#include "base/card_numbers.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/ascii.hpp"

namespace paylink {
namespace {

constexpr std::size_t digits_min = 13, digits_max = 19, digits_left = 4;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_of_word(char c) { return is_digit(c) || is_letter(c); }

bool has_good_check_digit(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int twice = 2 * digit;
    sum += i % 2 == 0 ? digit : twice / 10 + twice % 10;
  }
  return sum % 10 == 0;
}

// A word of digits alone.
struct Group {
  std::size_t begin, end;
};

std::vector<Group> groups_of(std::string_view text) {
  std::vector<Group> groups;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && is_of_word(text[end])) ++end;
    if (end > begin && std::ranges::all_of(text.substr(begin, end - begin), is_digit)) groups.push_back({begin, end});
    begin = std::max(end, begin + 1);
  }
  return groups;
}

// An id has groups as well, but others around them.
bool goes_on_by_hyphen(std::string_view text, const Group& first, const Group& last) {
  const bool before = first.begin >= 2 && text[first.begin - 1] == '-' && is_of_word(text[first.begin - 2]);
  const bool behind = last.end + 1 < text.size() && text[last.end] == '-' && is_of_word(text[last.end + 1]);
  return before || behind;
}

bool follows(std::string_view text, const Group& group, const Group& before) {
  return group.begin == before.end + 1 && (text[before.end] == ' ' || text[before.end] == '-');
}

// How many groups from `first` on are a card number; 0: none.
std::size_t card_number_at(std::string_view text, const std::vector<Group>& groups, std::size_t first) {
  std::string digits;
  for (std::size_t i = first; i < groups.size() && digits.size() < digits_max; ++i) {
    if (i > first && !follows(text, groups[i], groups[i - 1])) return 0;
    digits += text.substr(groups[i].begin, groups[i].end - groups[i].begin);
    if (digits.size() < digits_min || digits.size() > digits_max || digits[0] < '2') continue;
    if (i > first && goes_on_by_hyphen(text, groups[first], groups[i])) continue;
    if (has_good_check_digit(digits)) return i - first + 1;
  }
  return 0;
}

}  // namespace

std::string without_card_numbers(std::string_view text) {
  std::string result(text);
  if (std::ranges::count_if(text, is_digit) < static_cast<std::ptrdiff_t>(digits_min)) return result;
  const std::vector<Group> groups = groups_of(text);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::size_t count = card_number_at(text, groups, i);
    if (count == 0) continue;
    i += count - 1;
    std::size_t left = digits_left;
    for (std::size_t at = groups[i].end; at-- > groups[i + 1 - count].begin;) {
      if (!is_digit(result[at])) continue;
      if (left > 0)
        --left;
      else
        result[at] = '*';
    }
  }
  return result;
}

}  // namespace paylink
