#include "main/toml_file.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace paylink::main {
namespace {

Failure bad(std::int64_t line, std::string_view what) {
  return fail(ErrorCode::invalid_input, "bad_toml", "line " + std::to_string(line) + ": " + std::string(what));
}

// The letter of UTF-8 that begins at `at`, which moves behind it; none: it is not UTF-8 (Unicode 15, table 3-7).
std::optional<char32_t> next_letter(std::string_view text, std::size_t& at) {
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};  // that needs so many bytes
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(at) >= 0xF0 ? 4 : byte(at) >= 0xE0 ? 3 : 2;
  if (byte(at) < 0xC2 || byte(at) > 0xF4 || text.size() - at < length) return std::nullopt;
  char32_t letter = byte(at) & (0xFFU >> (length + 1));
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return std::nullopt;
    letter = (letter << 6) | (byte(i) & 0x3FU);
  }
  if (letter < least[length] || letter > 0x10FFFF || (letter >= 0xD800 && letter <= 0xDFFF)) return std::nullopt;
  at += length;
  return letter;
}

// `text` with its quoted and commented letters written in ASCII. Where it takes something for a text that toml++ does
// not, or the other way round, there is a fault in it that toml++ finds, and it finds it in ASCII.
class Rewriter {
 public:
  explicit Rewriter(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#')
        skip_comment();
      else if (c == '"' || c == '\'')
        TRY(copy_quoted(c));
      else if (is_ascii(c))
        copy(1);
      else
        return bad(line(), "a letter beyond ASCII outside of a text: put a text in quotes");
    }
    return std::move(ascii_);
  }

 private:
  static bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
  std::int64_t line() const { return 1 + std::ranges::count(text_.substr(0, at_), '\n'); }

  void copy(std::size_t bytes) {
    ascii_ += text_.substr(at_, bytes);
    at_ += bytes;
  }
  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  // TOML 1.0, "String". A text that is broken off ends with its line, or with the file.
  Result<> copy_quoted(char quote) {
    const std::string three(3, quote);
    const bool many_lines = text_.substr(at_).starts_with(three);
    const std::string end = many_lines ? three : std::string(1, quote);
    copy(end.size());
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with(end)) {
        copy(end.size());
        return {};
      }
      if (text_[at_] == '\n' && !many_lines) return {};
      if (!is_ascii(text_[at_]))
        TRY(escape(quote));
      else
        copy(quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && is_ascii(text_[at_ + 1]) ? 2 : 1);
    }
    return {};
  }

  Result<> escape(char quote) {
    if (quote != '"') return bad(line(), "a letter beyond ASCII between single quotes: use double quotes");
    std::size_t end = at_;
    const auto letter = next_letter(text_, end);
    if (!letter) return bad(line(), "bytes that are not UTF-8");
    constexpr std::string_view digits = "0123456789abcdef";
    ascii_ += "\\U";
    for (int shift = 28; shift >= 0; shift -= 4) ascii_ += digits[(*letter >> shift) & 15];
    at_ = end;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string ascii_;
};

}  // namespace

Result<toml::table> parse_toml(std::string_view text) {
  const std::string ascii = TRY(Rewriter(text).run());
  try {
    return toml::parse(ascii);
  } catch (const toml::parse_error& error) {
    return bad(error.source().begin.line, error.description());
  }
}

}  // namespace paylink::main
