#include "json/locate.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/ascii.hpp"

namespace paylink::json {
namespace {

// The length of the UTF-8 sequence at the front of `text`; 0 when there is none (RFC 3629: no overlong forms, no
// surrogates).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// Reads the grammar of RFC 8259 from left to right and stops at the first fault.
class Scanner {
 public:
  Scanner(std::string_view text, const Limits& limits, std::optional<std::size_t> duplicate = std::nullopt)
      : text_(text), limits_(limits), duplicate_(duplicate) {}

  std::string fault() {
    skip_space();
    if (at_end()) return position() + "the text is empty";
    if (text_.starts_with("\xEF\xBB\xBF")) return position() + "a byte order mark is not allowed";
    if (value(0)) {
      skip_space();
      if (at_end()) return {};
      what_ = "something follows the value";
    }
    return position() + what_;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool accept(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }
  bool stop(const char* what) {
    what_ = what;
    return false;
  }

  std::string position() const {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(text_[i]) & 0xC0) != 0x80) {
        ++column;
      }
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
  }

  bool value(std::size_t depth) {
    skip_space();
    if (at_end()) return stop("the text ends too early");
    ++values_;
    const char c = peek();
    if ((c == '{' || c == '[') && depth >= limits_.depth) return stop("too many arrays and objects inside one another");
    if (c == '{') return object(depth + 1);
    if (c == '[') return array(depth + 1);
    if (c == '"') return string();
    if (c == '-' || is_digit(c)) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return true;
    }
    return stop("expected a value");
  }

  bool object(std::size_t depth) {
    ++at_;
    skip_space();
    if (accept('}')) return true;
    do {
      skip_space();
      if (peek() != '"') return stop("expected a key in double quotes");
      const std::size_t key = at_;
      if (!string()) return false;
      skip_space();
      if (!accept(':')) return stop("expected ':'");
      if (duplicate_ == values_) {
        at_ = key;
        return stop("a key occurs twice in one object");
      }
      if (!value(depth)) return false;
      skip_space();
    } while (accept(','));
    return accept('}') || stop("expected ',' or '}'");
  }

  bool array(std::size_t depth) {
    ++at_;
    skip_space();
    if (accept(']')) return true;
    do {
      if (!value(depth)) return false;
      skip_space();
    } while (accept(','));
    return accept(']') || stop("expected ',' or ']'");
  }

  bool string() {
    ++at_;
    while (!at_end()) {
      if (accept('"')) return true;
      if (static_cast<unsigned char>(peek()) < 0x20) return stop("a control character must be escaped");
      if (peek() == '\\') {
        if (!escape()) return false;
        continue;
      }
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0) return stop("this is not UTF-8");
      at_ += length;
    }
    return stop("the string does not end");
  }

  bool escape() {
    const std::string_view rest = text_.substr(at_);
    if (rest.size() > 1 && std::string_view("\"\\/bfnrt").find(rest[1]) != std::string_view::npos) {
      at_ += 2;
      return true;
    }
    const auto unit = utf16_unit(rest);
    if (!unit) return stop("unknown escape");
    if (*unit < 0xD800 || *unit > 0xDFFF) {
      at_ += 6;
      return true;
    }
    const auto second = rest.size() > 6 ? utf16_unit(rest.substr(6)) : std::nullopt;
    if (*unit > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF) return stop("half of a surrogate pair");
    at_ += 12;
    return true;
  }

  static std::optional<unsigned> utf16_unit(std::string_view escape) {
    if (escape.size() < 6 || !escape.starts_with("\\u")) return std::nullopt;
    unsigned unit = 0;
    const auto [end, error] = std::from_chars(escape.data() + 2, escape.data() + 6, unit, 16);
    if (error != std::errc{} || end != escape.data() + 6) return std::nullopt;
    return unit;
  }

  bool digits() {
    if (!is_digit(peek())) return stop("expected a digit");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    const std::size_t first = at_;
    accept('-');
    if (peek() == '0' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))
      return stop("a number with a leading zero");
    if (!digits()) return false;
    const bool whole = peek() != '.' && peek() != 'e' && peek() != 'E';
    if (accept('.') && !digits()) return false;
    if (accept('e') || accept('E')) {
      if (!accept('-')) accept('+');
      if (!digits()) return false;
    }
    const std::string_view token = text_.substr(first, at_ - first);
    if (whole ? fits_64_bits(token) : fits_binary64(token)) return true;
    at_ = first;
    return stop("the number is out of range");
  }

  template <class Number>
  static bool fits(std::string_view token) {
    Number number{};
    return std::from_chars(token.data(), token.data() + token.size(), number).ec == std::errc{};
  }
  static bool fits_64_bits(std::string_view token) { return fits<std::int64_t>(token) || fits<std::uint64_t>(token); }
  static bool fits_binary64(std::string_view token) {
    if (fits<double>(token)) return true;
    // from_chars says the same of a number too small, which reads as zero.
    const auto exponent = token.find_first_of("eE");
    return exponent != std::string_view::npos && token[exponent + 1] == '-';
  }

  std::string_view text_;
  const Limits& limits_;
  std::optional<std::size_t> duplicate_;  // the value whose key is one too many
  std::size_t values_ = 0;                // begun so far
  std::size_t at_ = 0;
  std::string what_;
};

}  // namespace

std::string locate_fault(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) return "the text is longer than " + std::to_string(limits.bytes) + " bytes";
  return Scanner(text, limits).fault();
}

std::string locate_duplicate_key(std::string_view text, std::size_t member, const Limits& limits) {
  return Scanner(text, limits, member).fault();
}

}  // namespace paylink::json
