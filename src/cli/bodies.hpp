#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace paylink::cli {

// The flags of `paylink links create`.
struct CreateFlags {
  std::vector<std::string> methods{};
  bool reusable = false;
  // "title=Coffee,quantity=2,unit_price=10.99,vat_rate=21.0"; euros unless currency=… is among them; a comma is escaped
  // by a backslash.
  std::vector<std::string> items{};
  std::optional<std::string> invoice_id{}, invoice_number{}, debitor_name{};
  std::optional<std::string> amount{};  // "10.00 EUR"
  std::vector<std::string> metadata{};  // "order=A-1001"
  std::optional<std::string> expiration_date{};
};

// The body they make; the server judges what is in it. Fails with `usage` for what cannot be written as JSON at all.
Result<std::string> create_body(const CreateFlags& flags);

struct ConnectFlags {
  std::optional<std::string> callback_url{}, bank_account{}, phone_number{}, business_description{}, website_url{};
};
// Fails with `usage` as `create_body`.
Result<std::string> connect_body(const ConnectFlags& flags);

// The body of `paylink payments refund`: "10.00 USD", or "10.00", which is in euros; absent: what is left of the
// payment. Fails with `usage` as `create_body`.
Result<std::string> refund_body(const std::optional<std::string>& amount);

// "a=b" in two. Fails with `usage`.
Result<std::pair<std::string, std::string>> split_pair(const std::string& text, const std::string& flag);

}  // namespace paylink::cli
