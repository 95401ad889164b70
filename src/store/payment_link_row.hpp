#pragma once

#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

// How the stores read a row of payment_links; for them alone.
namespace paylink::store {

// The columns that `read_payment_link` reads, in its order; `of` is "" or the table's name in the statement and a dot.
#define PAYMENT_LINK_COLUMNS(of)                                                                               \
  of "organization_id, " of "id, " of "resource_id, " of "status, " of "amount_minor, " of "currency, " of     \
     "methods, " of "reusable, " of "items, " of "invoice_id, " of "invoice_number, " of "debitor_name, " of   \
     "expiration_date, " of "expires_effective_at, " of "canceled_at, " of "created_at, " of "updated_at, " of \
     "metadata"

PaymentLink read_payment_link(const sql::Rows::Row& row);

}  // namespace paylink::store
