#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace paylink {

// True when both are equal, in a time that depends on their lengths only.
bool equal_constant_time(std::string_view left, std::string_view right);

// Overwrites memory in a way the compiler may not leave out.
void wipe(void* at, std::size_t size);

// Text that must never reach a log or an error: it has no operator<<, no formatter and no way out but `reveal`, is
// compared in constant time, and wipes itself.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(other.text_) { other.clear(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      clear();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      text_ = other.text_;
      other.clear();
    }
    return *this;
  }
  ~Secret() { clear(); }

  const std::string& reveal() const { return text_; }
  bool equals(std::string_view other) const { return equal_constant_time(text_, other); }

 private:
  void clear() {
    wipe(text_.data(), text_.size());
    text_.clear();
  }
  std::string text_;
};

}  // namespace paylink
