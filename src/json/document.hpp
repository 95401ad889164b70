#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace paylink::json {

// RFC 8259 lets a key occur twice and leaves its meaning open; a body that two readers understand differently is
// refused.
enum class DuplicateKeys : std::uint8_t { refused, kept };

struct Limits {
  std::size_t depth = 32;  // arrays and objects inside one another
  std::size_t bytes = 1 << 20;
  DuplicateKeys duplicate_keys = DuplicateKeys::refused;
};

// One JSON text (RFC 8259), parsed and checked. Holds one of its thread's parsers until it goes, so that parsing
// allocates nothing once they have grown; the text may go as soon as `parse` returns.
class Document {
 public:
  // Fails with `invalid_input`, reason `malformed_json` and one fault that says what is wrong and where: anything that
  // is not RFC 8259 in UTF-8 (a byte order mark, a lone surrogate, something after the value, an empty text), a number
  // that is no binary64 or an integer beyond 64 bits, and whatever exceeds `limits`. Documented in docs/json.md.
  static Result<Document> parse(std::string_view text, const Limits& limits = {});

  Value root() const;

 private:
  struct Storage;
  struct Pool;
  struct GiveBack {
    void operator()(Storage* storage) const noexcept;
  };
  using Lease = std::unique_ptr<Storage, GiveBack>;

  explicit Document(Lease storage);
  static Lease lease();
  static Pool& pool();

  Lease storage_;
};

}  // namespace paylink::json
