#include "json/value.hpp"

#include <bit>
#include <charconv>

namespace paylink::json {

using detail::NumberKind;

std::string_view type_name(Type type) {
  switch (type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return "a boolean";
    case Type::number:
      return "a number";
    case Type::text:
      return "a string";
    case Type::array:
      return "an array";
    case Type::object:
      return "an object";
  }
  return "";
}

std::optional<std::int64_t> Value::integer() const {
  ENSURE(type() == Type::number);
  if (node_->kind != NumberKind::signed_integer) return std::nullopt;
  return std::bit_cast<std::int64_t>(node_->bits);
}

std::string Value::decimal() const {
  ENSURE(type() == Type::number);
  char digits[400];
  std::to_chars_result printed{};
  switch (node_->kind) {
    case NumberKind::signed_integer:
      printed = std::to_chars(digits, digits + sizeof digits, std::bit_cast<std::int64_t>(node_->bits));
      break;
    case NumberKind::unsigned_integer:
      printed = std::to_chars(digits, digits + sizeof digits, node_->bits);
      break;
    case NumberKind::binary64:
      printed =
          std::to_chars(digits, digits + sizeof digits, std::bit_cast<double>(node_->bits), std::chars_format::fixed);
      break;
  }
  ENSURE(printed.ec == std::errc{});
  return {digits, printed.ptr};
}

std::optional<Value> Value::find(std::string_view key) const {
  ENSURE(type() == Type::object);
  for (const Value member : children())
    if (member.key() == key) return member;
  return std::nullopt;
}

std::optional<Value> member(Value value, std::string_view key, Type type) {
  const auto found = value.type() == Type::object ? value.find(key) : std::nullopt;
  return found && found->type() == type ? found : std::nullopt;
}

std::string Value::pointer() const {
  if (node_ == nodes_) return {};
  const Value parent{nodes_, nodes_ + node_->parent};
  std::string pointer = parent.pointer();
  if (parent.type() == Type::object) {
    append_pointer_step(pointer, key());
    return pointer;
  }
  std::size_t position = 0;
  for (auto at = parent.children().begin(); (*at).node_ != node_; ++at) ++position;
  return pointer + "/" + std::to_string(position);
}

void append_pointer_step(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

}  // namespace paylink::json
