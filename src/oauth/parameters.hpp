#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace paylink::oauth {

// The parameters of a request to the authorization server, of a query or a form. One without a value counts as left
// out (RFC 6749, sections 3.1 and 3.2).
class Parameters {
 public:
  // Absent for text that is not of that form.
  static std::optional<Parameters> parse(std::string_view text);

  std::optional<std::string> find(std::string_view name) const;  // absent too when it comes more than once
  bool has(std::string_view name) const;                         // once or more often
  std::optional<std::string> repeated() const;                   // the name of one that does, which none may

 private:
  http::Pairs pairs_;
};

}  // namespace paylink::oauth
