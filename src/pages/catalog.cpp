#include "pages/catalog.hpp"

#include <unicode/msgfmt.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/ascii.hpp"
#include "base/ensure.hpp"

namespace paylink::pages {

namespace {

struct Message {
  std::string pattern;
  std::set<std::string> placeholders;
  std::unique_ptr<icu::MessageFormat> format;  // absent for a message without placeholders
};

icu::UnicodeString unicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

Failure bad_catalog(const std::string& tag, std::string_view where, std::string_view why) {
  return fail(ErrorCode::internal, "bad_catalog", "The catalogue " + tag + " has a fault.",
              std::string(where) + ": " + std::string(why));
}

std::set<std::string> placeholders_of(const icu::MessageFormat& format) {
  UErrorCode status = U_ZERO_ERROR;
  // The library declares this reader without const; it changes nothing.
  const std::unique_ptr<icu::StringEnumeration> names(const_cast<icu::MessageFormat&>(format).getFormatNames(status));
  std::set<std::string> result;
  if (U_FAILURE(status) || !names) return result;
  while (const icu::UnicodeString* name = names->snext(status)) {
    std::string utf8;
    result.insert(name->toUTF8String(utf8));
  }
  return result;
}

// Absent when the pattern is not one. A message with '{{' would be read as a tag of the templates.
std::optional<Message> read_message(const icu::Locale& locale, std::string_view pattern) {
  if (pattern.find("{{") != std::string_view::npos) return std::nullopt;
  Message message{std::string(pattern), {}, nullptr};
  if (pattern.find('{') == std::string_view::npos) return message;
  UErrorCode status = U_ZERO_ERROR;
  UParseError place{};
  message.format = std::make_unique<icu::MessageFormat>(unicode(pattern), locale, place, status);
  if (U_FAILURE(status)) return std::nullopt;
  message.placeholders = placeholders_of(*message.format);
  return message;
}

}  // namespace

struct Catalog::Messages {
  std::string tag;
  icu::Locale locale;
  std::map<std::string, Message, std::less<>> rows;
  std::mutex formatting;  // a MessageFormat keeps state while it works

  const Message& at(std::string_view key) const {
    const auto row = rows.find(key);
    ENSURE(row != rows.end());
    return row->second;
  }
};

Catalog::Catalog(std::unique_ptr<Messages> messages) : messages_(std::move(messages)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Result<Catalog> Catalog::parse(std::string_view tag, std::string_view text, const Catalog* fallback) {
  auto messages = std::make_unique<Messages>();
  messages->tag = tag;
  messages->locale = icu::Locale::createCanonical(messages->tag.c_str());
  while (!text.empty()) {
    const auto line = trimmed(text.substr(0, text.find('\n')), " \t\r");
    text.remove_prefix(
        std::min(text.size(), text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1));
    if (line.empty() || line.front() == '#') continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return bad_catalog(messages->tag, line, "a line is `key = message`");
    const auto key = trimmed(line.substr(0, equals), " \t\r");
    auto message = read_message(messages->locale, trimmed(line.substr(equals + 1), " \t\r"));
    if (!message) return bad_catalog(messages->tag, key, "not a message pattern");
    if (fallback) {
      const auto known = fallback->messages_->rows.find(key);
      if (known == fallback->messages_->rows.end()) return bad_catalog(messages->tag, key, "no such key");
      if (!std::ranges::includes(known->second.placeholders, message->placeholders))
        return bad_catalog(messages->tag, key, "a placeholder that nobody fills");
    }
    if (!messages->rows.emplace(key, *std::move(message)).second)
      return bad_catalog(messages->tag, key, "the key is there twice");
  }
  if (fallback) {
    for (const auto& [key, message] : fallback->messages_->rows) {
      // The fallback's sentences keep their own language's plurals.
      if (!messages->rows.contains(key))
        messages->rows.emplace(key, *read_message(fallback->messages_->locale, message.pattern));
    }
  }
  return Catalog(std::move(messages));
}

const std::string& Catalog::tag() const { return messages_->tag; }

bool Catalog::has(std::string_view key) const { return messages_->rows.contains(key); }

std::vector<std::string_view> Catalog::keys() const {
  std::vector<std::string_view> result;
  for (const auto& row : messages_->rows) result.push_back(row.first);
  return result;
}

std::vector<std::string_view> Catalog::placeholders(std::string_view key) const {
  const auto& names = messages_->at(key).placeholders;
  return {names.begin(), names.end()};
}

std::string Catalog::text(std::string_view key, const Arguments& arguments) const {
  const Message& message = messages_->at(key);
  if (!message.format) return message.pattern;

  std::vector<icu::UnicodeString> names;
  std::vector<icu::Formattable> values;
  for (const auto& [name, value] : arguments) {
    names.push_back(unicode(name));
    if (const auto* number = std::get_if<std::int64_t>(&value))
      values.emplace_back(*number);
    else
      values.emplace_back(unicode(std::get<std::string>(value)));
  }
  for (const auto& name : message.placeholders)
    ENSURE(std::ranges::any_of(arguments, [&](const Argument& argument) { return argument.first == name; }));

  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString formatted;
  {
    const std::scoped_lock lock(messages_->formatting);
    message.format->format(names.data(), values.data(), static_cast<std::int32_t>(names.size()), formatted, status);
  }
  ENSURE(U_SUCCESS(status));
  std::string utf8;
  return formatted.toUTF8String(utf8);
}

namespace {

struct Range {
  std::string tag;  // lower case
  int weight;       // in thousandths
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// `q=0.8` as 800; what is not a weight counts as none at all.
int read_weight(std::string_view parameter) {
  parameter = trimmed(parameter, " \t\r");
  if (parameter.empty()) return 1000;
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return 0;
  parameter.remove_prefix(2);
  if (parameter.starts_with('1')) return 1000;
  if (!parameter.starts_with("0.")) return 0;
  int weight = 0;
  int unit = 100;
  for (const char c : parameter.substr(2, 3)) {
    if (c < '0' || c > '9') return 0;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight;
}

std::vector<Range> read_ranges(std::string_view field) {
  constexpr std::size_t ranges_max = 20;
  std::vector<Range> result;
  while (!field.empty() && result.size() < ranges_max) {
    const auto comma = std::min(field.find(','), field.size());
    const auto range = field.substr(0, comma);
    const auto semicolon = std::min(range.find(';'), range.size());
    const auto parameter = semicolon < range.size() ? range.substr(semicolon + 1) : std::string_view{};
    const int weight = read_weight(parameter);
    if (weight > 0) {
      const auto behind_its_equals = std::ranges::upper_bound(result, weight, std::ranges::greater{}, &Range::weight);
      result.insert(behind_its_equals, {lower(trimmed(range.substr(0, semicolon), " \t\r")), weight});
    }
    field.remove_prefix(std::min(comma + 1, field.size()));
  }
  return result;
}

}  // namespace

std::string_view negotiate(std::string_view accept_language, std::span<const std::string_view> available) {
  ENSURE(!available.empty());
  for (const Range& range : read_ranges(accept_language)) {
    if (range.tag == "*") return available.front();
    for (std::string tag = range.tag; !tag.empty();
         tag.resize(tag.find_last_of('-') == std::string::npos ? 0 : tag.find_last_of('-')))
      for (const auto& candidate : available)
        if (lower(candidate) == tag) return candidate;
  }
  return available.front();
}

}  // namespace paylink::pages
