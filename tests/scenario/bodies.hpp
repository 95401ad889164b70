#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace paylink::scenario {

// A JSON object as its members, so that a scenario says only what is different about it.
class Object {
 public:
  Object(std::initializer_list<std::pair<std::string, std::string>> members) : members_(members) {}

  Object with(const std::string& name, const std::string& json) const;
  Object without(const std::string& name) const;
  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

// The smallest bodies that are right: an item of 10.99 EUR at 21.0 %, a basket of it that can be paid once by any
// method, an invoice of 100.00 EUR.
extern const Object item;
extern const Object basket;
extern const Object invoice;

std::string body(const Object& link);
std::string with_items(const std::vector<Object>& items);
std::string price(const std::string& value, const std::string& currency = "EUR");
std::string quoted(const std::string& text);
std::string repeated(std::size_t count, const std::string& piece);

}  // namespace paylink::scenario
