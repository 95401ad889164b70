#include "app/caller.hpp"

#include <algorithm>

namespace paylink::app {

ScopeSet ScopeSet::parse(std::string_view text) {
  ScopeSet scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (const auto scope = scope_names.parse(text.substr(0, end))) scopes.bits_.set(static_cast<std::size_t>(*scope));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (scopes.has(Scope::payment_link_write)) scopes.bits_.set(static_cast<std::size_t>(Scope::payment_link_create));
  return scopes;
}

}  // namespace paylink::app
