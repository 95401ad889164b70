#include "simulator/twist.hpp"

#include "json/document.hpp"
#include "simulator/copy_json.hpp"

namespace paylink::simulator {
namespace {

using json::Type;
using json::Value;

// Another word of the same kind: its last letter or digit is another one.
std::string another(std::string_view word) {
  std::string other(word);
  if (other.empty() || (static_cast<unsigned char>(other.back()) & 0x80) != 0) return other + "1";
  other.back() = other.back() == '1' ? '2' : '1';
  return other;
}

bool is_text(Value member, std::string_view key) { return member.key() == key && member.type() == Type::text; }

void twist(json::Writer& out, Value value, Fault fault);

void twist_amount(json::Writer& out, Value amount, Fault fault) {
  out.begin_object();
  for (const Value member : amount.children()) {
    out.escaped_key(member.key());
    if (is_text(member, "value") && fault == Fault::wrong_amount)
      out.text(another(member.text()));
    else if (is_text(member, "currency") && fault == Fault::wrong_currency)
      out.text(member.text() == "USD" ? "EUR" : "USD");
    else
      copy_json(out, member);
  }
  out.end_object();
}

// Whom it was made for is someone else.
void twist_metadata(json::Writer& out, Value metadata) {
  out.begin_object();
  for (const Value member : metadata.children()) {
    out.escaped_key(member.key());
    if (member.type() == Type::text)
      out.text(another(member.text()));
    else
      copy_json(out, member);
  }
  out.end_object();
}

void twist_member(json::Writer& out, Value member, Fault fault) {
  const std::string_view key = member.key();
  const bool is_money = fault == Fault::wrong_amount || fault == Fault::wrong_currency;
  if (key == "amount" && member.type() == Type::object && is_money) return twist_amount(out, member, fault);
  if (key == "metadata" && member.type() == Type::object && fault == Fault::wrong_metadata)
    return twist_metadata(out, member);
  if (is_text(member, "id") && fault == Fault::wrong_id) return void(out.text(another(member.text())));
  if (is_text(member, "mode") && fault == Fault::wrong_mode)
    return void(out.text(member.text() == "test" ? "live" : "test"));
  twist(out, member, fault);
}

void twist(json::Writer& out, Value value, Fault fault) {
  if (value.type() == Type::array) {
    out.begin_array();
    for (const Value element : value.children()) twist(out, element, fault);
    out.end_array();
  } else if (value.type() == Type::object) {
    const bool is_resource = value.find("resource").has_value();
    out.begin_object();
    for (const Value member : value.children()) {
      out.escaped_key(member.key());
      if (is_resource)
        twist_member(out, member, fault);
      else
        twist(out, member, fault);
    }
    out.end_object();
  } else {
    copy_json(out, value);
  }
}

}  // namespace

std::string twisted(std::string_view answer, Fault fault) {
  const auto document = json::Document::parse(answer);
  if (!document) return std::string(answer);
  std::string text;
  json::Writer out(text);
  twist(out, document->root(), fault);
  return text;
}

}  // namespace paylink::simulator
