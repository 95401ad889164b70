#include "json/reader.hpp"

namespace paylink::json {
namespace {

// Whether text goes on in a new line, or at a tab, where a control character stands: a CR must have its LF.
bool is_spacing(std::string_view from_there) {
  return from_there[0] == '\t' || from_there[0] == '\n' || from_there.starts_with("\r\n");
}

// The number of code points of valid UTF-8; absent when one of them is a control character (C0, DEL, C1) that is not
// allowed.
std::optional<std::size_t> count_printable(std::string_view text, Lines lines) {
  std::size_t count = 0;
  unsigned char before = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_control = byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte < 0xA0);
    if (is_control && (lines == Lines::one || !is_spacing(text.substr(i)))) return std::nullopt;
    if ((byte & 0xC0) != 0x80) ++count;
    before = byte;
  }
  return count;
}

std::string between(Range range, const char* what) {
  if (range.max == SIZE_MAX) return "must have at least " + std::to_string(range.min) + what;
  if (range.min == 0) return "must have at most " + std::to_string(range.max) + what;
  return "must have " + std::to_string(range.min) + " to " + std::to_string(range.max) + what;
}

// `payment_link/items/0/title is required`: a message that is read without its pointer still says what it is about.
std::string sentence(std::string_view pointer, std::string_view detail) {
  if (pointer.empty()) return "The body " + std::string(detail);
  return std::string(pointer.substr(1)) + " " + std::string(detail);
}

}  // namespace

void Reader::fault(std::string_view code, std::string_view detail) const {
  if (!present() || faults_->full()) return;
  std::string pointer = value_->pointer();
  std::string text = sentence(pointer, detail);
  faults_->add(code, std::move(pointer), std::move(text));
}

void Reader::append_to_list(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

bool Reader::is(Type type) const {
  if (!present()) return false;
  if (value_->type() == type) return true;
  std::string detail = "must be ";
  detail += type_name(type);
  detail += ", not ";
  detail += type_name(value_->type());
  fault("invalid_type", detail);
  return false;
}

Reader Reader::as_array(Range elements) const {
  if (!is(Type::array)) return absent();
  if (value_->size() >= elements.min && value_->size() <= elements.max) return *this;
  fault("out_of_range", between(elements, " elements"));
  return absent();
}

Reader Reader::required(std::string_view key) const {
  if (!present()) return absent();
  if (const auto member = value_->find(key)) return {*faults_, *member};
  if (faults_->full()) return absent();
  std::string pointer = value_->pointer();
  append_pointer_step(pointer, key);
  std::string text = sentence(pointer, "is required");
  faults_->add("missing_field", std::move(pointer), std::move(text));
  return absent();
}

Reader Reader::optional(std::string_view key) const {
  if (!present()) return absent();
  const auto member = value_->find(key);
  if (!member || member->is_null()) return absent();
  return {*faults_, *member};
}

std::optional<std::string_view> Reader::text(Range code_points, Lines lines) const {
  if (!is(Type::text)) return std::nullopt;
  const std::string_view text = value_->text();
  const auto count = count_printable(text, lines);
  if (!count) {
    fault("invalid_format", lines == Lines::one
                                ? "must not contain control characters"
                                : "must not contain control characters other than line breaks and tabs");
    return std::nullopt;
  }
  if (*count < code_points.min || *count > code_points.max) {
    fault("out_of_range", between(code_points, " characters"));
    return std::nullopt;
  }
  return text;
}

std::optional<bool> Reader::boolean() const {
  if (!is(Type::boolean)) return std::nullopt;
  return value_->boolean();
}

std::optional<Value> Reader::number() const {
  if (!is(Type::number)) return std::nullopt;
  return value_;
}

std::optional<Uuid> Reader::uuid() const {
  if (!is(Type::text)) return std::nullopt;
  const auto uuid = Uuid::parse(value_->text());
  if (!uuid) fault("invalid_format", "must be a UUID");
  return uuid;
}

}  // namespace paylink::json
