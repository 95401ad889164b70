#pragma once

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace paylink::testing {

// The options of a test program: names with a value, `--seed 1`, and flags without one.
class ProgramOptions {
 public:
  explicit ProgramOptions(const char* usage) : usage_(usage) {}

  // One that must be given.
  ProgramOptions& text(std::string_view name, std::string& value) {
    needed_.push_back(&value);
    return add(name, [&value](std::string_view word) {
      value = word;
      return true;
    });
  }
  template <class Number>
  ProgramOptions& number(std::string_view name, Number& value, Number least = 0) {
    return add(name, [&value, least](std::string_view word) {
      const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
      return read.ec == std::errc() && read.ptr == word.data() + word.size() && value >= least;
    });
  }
  ProgramOptions& flag(std::string_view name, bool& value) {
    flags_.push_back({name, &value});
    return *this;
  }
  // `take` answers whether there is such a value.
  ProgramOptions& add(std::string_view name, std::function<bool(std::string_view)> take) {
    values_.push_back({name, std::move(take)});
    return *this;
  }

  // False, with the usage on stderr, unless all of it is understood.
  bool read(int argc, const char* const* argv) const {
    bool is_understood = true;
    for (int at = 1; at < argc && is_understood; ++at) {
      const auto flag = std::ranges::find(flags_, std::string_view(argv[at]), &Flag::name);
      const auto value = std::ranges::find(values_, std::string_view(argv[at]), &Value::name);
      if (flag != flags_.end())
        *flag->value = true;
      else
        is_understood = value != values_.end() && ++at < argc && value->take(argv[at]);
    }
    for (const std::string* text : needed_) is_understood = is_understood && !text->empty();
    if (!is_understood) std::fprintf(stderr, "usage: %s\n", usage_);
    return is_understood;
  }

 private:
  struct Value {
    std::string_view name;
    std::function<bool(std::string_view)> take;
  };
  struct Flag {
    std::string_view name;
    bool* value;
  };
  const char* usage_;
  std::vector<std::string*> needed_;
  std::vector<Value> values_;
  std::vector<Flag> flags_;
};

}  // namespace paylink::testing
