#include "main/toml_file.hpp"

#include <algorithm>
#include <string>

#include "base/utf8.hpp"

namespace paylink::main {
namespace {

Failure bad(std::int64_t line, std::string_view what) {
  return fail(ErrorCode::invalid_input, "bad_toml", "line " + std::to_string(line) + ": " + std::string(what));
}

// `text` with its quoted and commented letters written in ASCII. Where it takes something for a text that toml++ does
// not, or the other way round, there is a fault in it that toml++ finds, and it finds it in ASCII.
class Rewriter {
 public:
  explicit Rewriter(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    if (!is_utf8(text_)) return bad(first_line_that_is_not_utf8(), "bytes that are not UTF-8");
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
  std::int64_t first_line_that_is_not_utf8() const {
    std::int64_t number = 1;
    std::string_view rest = text_;
    for (std::size_t end = 0; is_utf8(rest.substr(0, end = rest.find('\n'))); ++number) rest.remove_prefix(end + 1);
    return number;
  }
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
      const bool is_escape = quote == '"' && text_[at_] == '\\';
      // Its own escape would make of the two a backslash and something else.
      if (is_escape && at_ + 1 < text_.size() && !is_ascii(text_[at_ + 1]))
        return bad(line(), "a backslash before a letter that needs none");
      if (is_ascii(text_[at_]))
        copy(is_escape ? 2 : 1);
      else
        TRY(escape(quote));
    }
    return {};
  }

  Result<> escape(char quote) {
    if (quote != '"') return bad(line(), "a letter beyond ASCII between single quotes: use double quotes");
    const CodePoint letter = first_code_point(text_.substr(at_));
    constexpr std::string_view digits = "0123456789abcdef";
    ascii_ += "\\U";
    for (int shift = 28; shift >= 0; shift -= 4) ascii_ += digits[(letter.value >> shift) & 15];
    at_ += letter.bytes;
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
