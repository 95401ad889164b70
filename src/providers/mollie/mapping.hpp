#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/payment_provider.hpp"
#include "base/result.hpp"
#include "domain/names.hpp"
#include "json/document.hpp"

// Mollie's JSON and our types, without any IO. Shapes: docs.mollie.com/reference.
namespace paylink::providers::mollie {

std::string write_payment(const app::NewProviderPayment& payment);
std::string write_refund(const app::NewProviderRefund& refund);

// Strict: whatever is missing or makes no sense is `internal`, reason `provider_answer`, with a detail that says which.
// `mode` is "test" or "live", and so must be what is read; empty: either.
Result<app::ProviderPayment> read_payment(std::string_view body, std::string_view mode = {});
Result<app::ProviderRefund> read_refund(std::string_view body, std::string_view mode = {});

Result<std::vector<app::ListedChargeback>> read_chargebacks(std::string_view body);

// Path and query of the question which methods there are; a locale that Mollie does not know is left out.
std::string methods_target(const app::MethodsQuestion& question);
// The methods of ours among those of the answer.
Result<PaymentMethods> read_methods(std::string_view body);

Result<app::ProviderProfile> read_profile(std::string_view body, std::string_view mode = {});

// Every call that is made.
enum class Operation : std::uint8_t {
  create,
  find,
  cancel,
  refund,
  find_refund,
  chargebacks,
  methods,
  profile,
  exchange,  // of an authorization's code for tokens
  renew,     // of tokens
  revoke,
  organization,  // whom a token speaks for, in three
  onboarding,
  profiles
};
inline constexpr auto operation_names = names<Operation>({
    {Operation::create, "create"},
    {Operation::find, "find"},
    {Operation::cancel, "cancel"},
    {Operation::refund, "refund"},
    {Operation::find_refund, "find_refund"},
    {Operation::chargebacks, "chargebacks"},
    {Operation::methods, "methods"},
    {Operation::profile, "profile"},
    {Operation::exchange, "exchange"},
    {Operation::renew, "renew"},
    {Operation::revoke, "revoke"},
    {Operation::organization, "organization"},
    {Operation::onboarding, "onboarding"},
    {Operation::profiles, "profiles"},
});
// Of those, the ones at the token endpoint (connect_mapping.hpp), which speaks OAuth 2.0.
constexpr bool is_about_tokens(Operation operation) {
  return operation == Operation::exchange || operation == Operation::renew || operation == Operation::revoke;
}

// What an answer other than 2xx means for us, by the table in the .cpp; of the token endpoint read_token_failure says
// it.
Failure read_failure(Operation operation, int status, std::string_view body);

// A resource names itself twice: where it is found has to be where it says it is.
Result<> check_self(json::Value resource, std::string_view id);

// `prefix` and letters or digits, at most 64: so that it can stand in a path.
bool is_id(std::string_view text, std::string_view prefix);

}  // namespace paylink::providers::mollie
