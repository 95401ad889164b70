#include "store/payment_link_row.hpp"

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

PaymentMethods read_methods(std::string_view text) {
  PaymentMethods methods;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const auto method = payment_method_names.parse(text.substr(0, end));
    ENSURE(method.has_value());
    methods.push_back(*method);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return methods;
}

}  // namespace

PaymentLink read_payment_link(const sql::Rows::Row& row) {
  const auto status = link_status_names.parse(row.text(3));
  ENSURE(status.has_value());
  return PaymentLink{
      .organization = row.id<OrganizationId>(0),
      .id = row.id<PaymentLinkId>(1),
      .resource_id = row.uuid(2),
      .status = *status,
      .amount = read_money(row, 4),
      .methods = read_methods(row.text(6)),
      .reusable = row.flag(7) ? Reusable::yes : Reusable::no,
      .subject = row.is_null(8) ? std::variant<Basket, Invoice>(Invoice{row.id<InvoiceId>(9), std::string(row.text(10)),
                                                                        std::string(row.text(11))})
                                : std::variant<Basket, Invoice>(Basket{std::string(row.text(8))}),
      .expiration_date = row.time(12),
      .expires_effective_at = read_optional_time(row, 13),
      .canceled_at = read_optional_time(row, 14),
      .created_at = row.time(15),
      .updated_at = row.time(16),
      .metadata = row.is_null(17) ? std::string() : std::string(row.text(17)),
  };
}

}  // namespace paylink::store
