#include "domain/scopes.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace paylink {
namespace {

constexpr auto table = std::to_array<std::string_view>({
    "attachment.read",
    "attachment.write",
    "bank_account.write",
    "beneficiary.trust",
    "card.read",
    "card.write",
    "client.read",
    "client.write",
    "client_invoice.write",
    "client_invoices.read",
    "einvoicing.read",
    "embed_auth_link.write",
    "insurance_contract.read",
    "insurance_contract.write",
    "internal_transfer.write",
    "international_transfer.write",
    "membership.read",
    "membership.write",
    "offline_access",
    "organization.read",
    "payment.write",
    "payment_link.create",
    "payment_link.read",
    "payment_link.write",
    "product.read",
    "product.write",
    "request_cards.write",
    "request_review.read",
    "request_review.write",
    "request_transfers.write",
    "sepa_direct_debit.read",
    "sepa_direct_debit.write",
    "supplier_invoice.read",
    "supplier_invoice.write",
    "team.read",
    "team.write",
    "terminal.read",
    "terminal.write",
    "webhook",
});
static_assert(std::ranges::is_sorted(table));

}  // namespace

std::span<const std::string_view> known_scopes() { return table; }

bool is_known_scope(std::string_view name) { return std::ranges::binary_search(table, name); }

std::optional<Scopes> Scopes::parse(std::string_view text) {
  Scopes scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (!is_known_scope(text.substr(0, end))) return std::nullopt;
    scopes.add(text.substr(0, end));
    if (end + 1 == text.size()) return std::nullopt;  // a space at the end
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

bool Scopes::has(std::string_view name) const { return std::ranges::binary_search(names_, name); }

bool Scopes::includes(const Scopes& other) const { return std::ranges::includes(names_, other.names_); }

void Scopes::add(std::string_view name) {
  const auto* const known = std::ranges::lower_bound(table, name);
  if (known == table.end() || *known != name) return;
  const auto place = std::ranges::lower_bound(names_, name);
  if (place == names_.end() || *place != name) names_.insert(place, *known);
}

Scopes Scopes::within(const Scopes& other) const {
  Scopes both;
  std::ranges::set_intersection(names_, other.names_, std::back_inserter(both.names_));
  return both;
}

Scopes Scopes::without(const Scopes& other) const {
  Scopes rest;
  std::ranges::set_difference(names_, other.names_, std::back_inserter(rest.names_));
  return rest;
}

Scopes Scopes::allowed_to(Role role) const {
  Scopes allowed;
  std::ranges::copy_if(names_, std::back_inserter(allowed.names_),
                       [role](std::string_view name) { return role_may(role, name); });
  return allowed;
}

std::string Scopes::text() const {
  std::string text;
  for (const auto name : names_) text += (text.empty() ? "" : " ") + std::string(name);
  return text;
}

}  // namespace paylink
