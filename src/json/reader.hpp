#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "json/document.hpp"
#include "json/faults.hpp"

namespace paylink::json {

struct Range {
  std::size_t min = 0;
  std::size_t max = SIZE_MAX;
};

// Whether a text may go on over several lines.
enum class Lines : std::uint8_t { one, many };

// A place in a body that a decoder reads from. Whatever is wrong there goes to the Faults, with the JSON pointer of the
// place, and the decoder goes on: an absent place (missing, null where that means absence, or of the wrong type)
// answers every question with nothing and reports nothing further.
//
//   const Reader link = Reader(faults, document.root()).as_object().required("payment_link").as_object();
//   const auto title = link.required("title").text({.min = 1, .max = 255});
class Reader {
 public:
  Reader(Faults& faults, Value value) : faults_(&faults), value_(value) {}

  bool present() const { return value_.has_value(); }
  // The value; only of a place that is present.
  const Value& value() const {
    ENSURE(value_);
    return *value_;
  }

  // This, when it is of that type, with as many elements as the range says; else reported (`invalid_type`,
  // `out_of_range`) and absent.
  Reader as_object() const { return is(Type::object) ? *this : absent(); }
  Reader as_array(Range elements) const;

  // A member of an object. Missing it is `missing_field`; null is not missing, but of the wrong type.
  Reader required(std::string_view key) const;
  // A member that may be missing or null.
  Reader optional(std::string_view key) const;
  // Whether the object has that member and it is not null.
  bool has(std::string_view key) const { return optional(key).present(); }

  // The scalar here. `text`: valid UTF-8 without control characters but, in many lines, LF, CR LF and tab (else
  // `invalid_format`), counted in code points (else `out_of_range`); the view lives as long as the document.
  std::optional<std::string_view> text(Range code_points = {}, Lines lines = Lines::one) const;
  std::optional<bool> boolean() const;
  std::optional<Value> number() const;
  std::optional<Uuid> uuid() const;

  // One of a table's names (`parse` and `rows`, as in domain/names.hpp), else `not_in_list`.
  template <class Names>
  auto one_of(const Names& names) const -> decltype(names.parse(std::string_view{})) {
    if (!is(Type::text)) return std::nullopt;
    const auto found = names.parse(value_->text());
    if (!found) {
      std::string list;
      for (const auto& row : names.rows) append_to_list(list, row.second);
      fault("not_in_list", "must be one of " + list);
    }
    return found;
  }

  // Calls `visit(Reader)` for each element of an array, in order.
  template <class Visit>
  void each(Visit visit) const {
    if (!present()) return;
    for (const Value element : value_->children()) visit(Reader(*faults_, element));
  }

  // Reports something that is wrong with what is here; of an absent place nothing.
  void fault(std::string_view code, std::string_view detail) const;

  static void append_to_list(std::string& list, std::string_view name);

 private:
  explicit Reader(Faults& faults) : faults_(&faults) {}
  Reader absent() const { return Reader(*faults_); }
  bool is(Type type) const;  // reports another type

  Faults* faults_;
  std::optional<Value> value_;
};

}  // namespace paylink::json
