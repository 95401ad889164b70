#include "bodies.hpp"

namespace paylink::scenario {

Object Object::with(const std::string& name, const std::string& json) const {
  Object changed = *this;
  for (auto& member : changed.members_)
    if (member.first == name) {
      member.second = json;
      return changed;
    }
  changed.members_.emplace_back(name, json);
  return changed;
}

Object Object::without(const std::string& name) const {
  Object changed = *this;
  std::erase_if(changed.members_, [&](const auto& member) { return member.first == name; });
  return changed;
}

std::string Object::text() const {
  std::string text;
  for (const auto& [name, json] : members_) text += (text.empty() ? "{\"" : ",\"") + name + "\":" + json;
  return text.empty() ? "{}" : text + "}";
}

const Object item{{"title", R"("Item 1")"},
                  {"quantity", "1"},
                  {"unit_price", R"({"value":"10.99","currency":"EUR"})"},
                  {"vat_rate", R"("21.0")"}};
const Object basket{{"potential_payment_methods", R"(["credit_card","apple_pay","paypal","ideal"])"},
                    {"reusable", "false"},
                    {"items", "[" + item.text() + "]"}};
const Object invoice{{"invoice_id", R"("550e8400-e29b-41d4-a716-446655440001")"},
                     {"invoice_number", R"("INV-12345")"},
                     {"debitor_name", R"("John Doe")"},
                     {"amount", R"({"value":"100.00","currency":"EUR"})"},
                     {"potential_payment_methods", R"(["credit_card","ideal"])"}};

std::string body(const Object& link) { return R"({"payment_link":)" + link.text() + "}"; }

std::string with_items(const std::vector<Object>& items) {
  std::string text;
  for (const Object& one : items) text += (text.empty() ? "[" : ",") + one.text();
  return body(basket.with("items", text + "]"));
}

std::string price(const std::string& value, const std::string& currency) {
  return R"({"value":")" + value + R"(","currency":")" + currency + "\"}";
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string repeated(std::size_t count, const std::string& piece) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

}  // namespace paylink::scenario
