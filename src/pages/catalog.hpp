#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace paylink::pages {

// Every sentence of the pages in one language.
//
// A catalogue is a UTF-8 text of lines `key = message`; a line that starts with '#' is a comment. A message is an ICU
// MessageFormat pattern with named arguments: `Pay {amount}`, `{count, plural, one {# item} other {# items}}`.
class Catalog {
 public:
  // What a message's placeholder stands for: a text, or a number that decides a plural.
  using Argument = std::pair<std::string_view, std::variant<std::string, std::int64_t>>;
  using Arguments = std::vector<Argument>;

  // `tag` is the language (BCP 47: "en", "pt-BR"). With a `fallback`, what the text lacks is taken from there, and a
  // key or a placeholder that the fallback does not know is refused. Fails with `bad_catalog`, naming key and line.
  static Result<Catalog> parse(std::string_view tag, std::string_view text, const Catalog* fallback = nullptr);

  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  const std::string& tag() const;
  bool has(std::string_view key) const;
  std::vector<std::string_view> keys() const;  // sorted
  // The names of a message's placeholders, sorted. A key that is not there is a bug.
  std::vector<std::string_view> placeholders(std::string_view key) const;

  // A key that is not there, or an argument that is missing, is a bug.
  std::string text(std::string_view key, const Arguments& arguments = {}) const;

 private:
  struct Messages;
  explicit Catalog(std::unique_ptr<Messages> messages);
  std::unique_ptr<Messages> messages_;
};

// The tag out of `available` that suits an Accept-Language field best (RFC 4647 section 3.4: the ranges by falling
// weight, each cut from the right until something matches; 20 ranges at most). The first one when nothing does.
std::string_view negotiate(std::string_view accept_language, std::span<const std::string_view> available);

}  // namespace paylink::pages
