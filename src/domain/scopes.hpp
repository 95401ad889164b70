#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/role.hpp"

namespace paylink {

// OAuth scopes by their names: the table of the original's security section, and `payment_link.create`, which is ours
// and lets somebody make payment links and nothing else.
std::span<const std::string_view> known_scopes();  // in alphabetical order
bool is_known_scope(std::string_view name);

inline constexpr std::string_view offline_access = "offline_access";  // asks for a refresh token

// A set of known scopes, in the table's order.
class Scopes {
 public:
  Scopes() = default;
  // RFC 6749, section 3.3: names separated by single spaces. Absent when a name is unknown or the text is not of that
  // form; the same name twice counts once. Empty text is an empty set.
  static std::optional<Scopes> parse(std::string_view text);

  bool empty() const { return names_.empty(); }
  bool has(std::string_view name) const;
  bool includes(const Scopes& other) const;
  void add(std::string_view name);  // a known one; any other is left out
  Scopes within(const Scopes& other) const;
  Scopes without(const Scopes& other) const;
  Scopes allowed_to(Role role) const;
  std::span<const std::string_view> names() const { return names_; }
  std::string text() const;  // separated by spaces

  bool operator==(const Scopes&) const = default;

 private:
  std::vector<std::string_view> names_;  // of the table, sorted
};

}  // namespace paylink
