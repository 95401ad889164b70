#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "simulator/amount.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

enum class PaymentStatus : std::uint8_t { open, pending, paid, canceled, expired, failed };
std::string_view name(PaymentStatus status);
std::optional<PaymentStatus> parse_payment_status(std::string_view name);

// What a client asks for.
struct NewPayment {
  Amount amount;
  std::string description;
  std::optional<std::string> method;  // absent: the payer chooses
  std::string allowed_methods;        // what from, comma-separated; empty: everything
  std::optional<std::string> locale;
  std::string redirect_url;
  std::optional<std::string> cancel_url;
  std::optional<std::string> webhook_url;
  std::string metadata = "null";  // any JSON, given back as it came
  // JSON given back as it came; empty: there is none.
  std::string lines;
  std::string billing_address;
  std::string shipping_address;
  std::optional<std::string> country;  // that methods are restricted to: all of these are from everywhere
};

// What the payer did at the method, and why it came to nothing; empty where it is not known.
struct Details {
  std::string card;  // name of a TestCard: the number is not kept
  std::string card_holder;
  std::string card_expiry;    // "09/27"
  std::string card_security;  // Mollie's: "normal", "3dsecure"; empty while the payer's bank still has to be asked
  std::string bank;           // BIC of a TestBank
  std::string failure_reason;
  std::string failure_message;
};

struct Payment : NewPayment {
  std::int64_t number = 0;  // grows with each payment
  std::string id;
  std::string tenant;          // whose API key made it
  std::string checkout_token;  // the secret of the payer's page
  PaymentStatus status = PaymentStatus::open;
  std::int64_t refunded_minor = 0;
  std::int64_t charged_back_minor = 0;  // less what was reversed
  Time created_at;
  Time expires_at;                // while it is open
  std::optional<Time> status_at;  // when it became final
  Details details;

  std::int64_t remaining_minor() const { return amount.minor - refunded_minor - charged_back_minor; }
  bool is_final() const { return status != PaymentStatus::open && status != PaymentStatus::pending; }
  // Of the methods, cards (and Apple Pay, which is one) can be called back: so both answers can be met in the sandbox.
  bool is_cancelable() const { return !is_final() && (!method || *method == "creditcard" || *method == "applepay"); }
};

// The methods, how long a payer may take, and how much he may pay, by Mollie's documentation of each.
struct MethodRow {
  std::string_view id;
  std::string_view description;
  std::chrono::minutes lifetime;
  std::int64_t largest;  // in whole units of the currency
  bool euros_only = false;
};
inline constexpr MethodRow all_methods[] = {
    {"creditcard", "Card", std::chrono::minutes(30), 10'000},
    {"applepay", "Apple Pay", std::chrono::minutes(30), 10'000},
    {"paypal", "PayPal", std::chrono::minutes(180), 8'000},
    {"ideal", "iDEAL | Wero", std::chrono::minutes(15), 50'000, true},
};
const MethodRow* find_method(std::string_view id);
// Whether so much can be paid by it.
bool takes(const MethodRow& method, const Amount& amount);
// Whether the payer of that payment may choose it.
bool offers(const NewPayment& payment, const MethodRow& method);

// Which way a list goes from where it starts.
enum class Direction : std::uint8_t { older, newer };

class Payments {
 public:
  explicit Payments(sql::Transaction& tx) : tx_(tx) {}

  Result<Payment> insert(std::string_view tenant, const NewPayment& wanted);

  // These fail with `not_found`.
  Result<Payment> find(std::string_view tenant, std::string_view id);
  Result<Payment> find_by_token(std::string_view checkout_token);
  Result<Payment> find_by_id(std::string_view id);  // whosever it is

  // At most `limit` payments of a tenant on one side of a number (inclusive), nearest first.
  Result<std::vector<Payment>> list(std::string_view tenant, std::int64_t from, Direction direction, int limit);

  // Also queues the notification that Mollie sends on each final status. Keeps method and details as well.
  Result<Payment> move(Payment payment, PaymentStatus to);
  // Keeps what `payment` says that a client or its payer may change: everything a client asks for but the amount, and
  // the details. Nobody is notified.
  Result<> update(const Payment& payment);

  Result<> add_refunded(const Payment& payment, std::int64_t minor);
  Result<> add_charged_back(const Payment& payment, std::int64_t minor);  // less than zero: reversed

  // Queues a notification about the payment, when it asked for any.
  Result<> notify(const Payment& payment);

  // Open payments past their time become `expired`.
  Result<> expire();

 private:
  sql::Transaction& tx_;
};

// `prefix` and `length` random characters of the Bitcoin base58 alphabet.
std::string random_id(std::string_view prefix, std::size_t length, Random& random);

}  // namespace paylink::simulator
