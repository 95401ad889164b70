// json::Document against json::locate_fault, which is a second reader of the same grammar: one accepts exactly what the
// other finds nothing wrong with. What is accepted can be written out and read back as the same document.
#include <set>
#include <string>

#include "input.hpp"
#include "json/document.hpp"
#include "json/locate.hpp"
#include "write_back.hpp"

namespace paylink {
namespace {

using json::Document;
using json::DuplicateKeys;
using json::Type;
using json::Value;

std::size_t depth_of(Value value) {
  std::size_t deepest = 0;
  for (const Value inner : value.children()) deepest = std::max(deepest, depth_of(inner));
  return deepest + (value.type() == Type::array || value.type() == Type::object ? 1 : 0);
}

bool has_duplicate_keys(Value value) {
  std::set<std::string_view> keys;
  for (const Value inner : value.children())
    if ((value.type() == Type::object && !keys.insert(inner.key()).second) || has_duplicate_keys(inner)) return true;
  return false;
}

// Each text is UTF-8, each member is found by its key, and each place has a pointer of its own.
void check_values(Value value, std::size_t depth) {
  if (value.type() == Type::text) ENSURE(fuzz::is_utf8(value.text()));
  if (value.type() == Type::number && value.integer()) ENSURE(value.decimal() == std::to_string(*value.integer()));
  std::size_t children = 0;
  for (const Value inner : value.children()) {
    ++children;
    if (value.type() == Type::object) {
      ENSURE(fuzz::is_utf8(inner.key()));
      ENSURE(value.find(inner.key()).has_value());
    }
    check_values(inner, depth + 1);
  }
  ENSURE(children == value.size());
  if (depth > 0 && value.size() == 0) ENSURE(value.pointer().starts_with('/') && fuzz::is_utf8(value.pointer()));
}

void check_refusal(const Error& error) {
  ENSURE(error.code == ErrorCode::invalid_input && error.reason == "malformed_json" && error.faults.size() == 1);
  ENSURE(!error.message.empty() && fuzz::is_utf8(error.message));
  ENSURE(fuzz::is_utf8(error.faults[0].detail) && fuzz::is_utf8(error.faults[0].where));
}

void check_accepted(Value root, const json::Limits& limits) {
  ENSURE(depth_of(root) <= limits.depth);
  ENSURE(limits.duplicate_keys == DuplicateKeys::kept || !has_duplicate_keys(root));
  check_values(root, 0);
  const std::string written = fuzz::write_back(root);
  const auto again = Document::parse(written, {.depth = limits.depth, .duplicate_keys = limits.duplicate_keys});
  ENSURE(again.has_value());
  ENSURE(fuzz::write_back(again->root()) == written);
}

void check(std::string_view text, json::Limits limits) {
  limits.duplicate_keys = DuplicateKeys::kept;
  const auto lenient = Document::parse(text, limits);
  ENSURE(lenient.has_value() == json::locate_fault(text, limits).empty());
  limits.duplicate_keys = DuplicateKeys::refused;
  const auto strict = Document::parse(text, limits);
  ENSURE(strict.has_value() == (lenient.has_value() && !has_duplicate_keys(lenient->root())));
  if (lenient) ENSURE(text.size() <= limits.bytes);
  if (lenient) check_accepted(lenient->root(), {.depth = limits.depth, .duplicate_keys = DuplicateKeys::kept});
  if (strict) check_accepted(strict->root(), {.depth = limits.depth});
  if (!lenient) check_refusal(lenient.error());
  if (!strict) check_refusal(strict.error());
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check(text, {});
  paylink::check(text, {.depth = 3, .bytes = 64});
  return 0;
}
