#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/response.hpp"
#include "simulator/chargebacks.hpp"
#include "simulator/payments.hpp"
#include "simulator/refunds.hpp"

// The provider's answers, byte for byte as its clients want them: application/hal+json, every link with href and type.
// `base_url` is the simulator's own, without a slash at the end.
namespace paylink::simulator {

// A page of a list, and where its neighbours start.
struct PaymentPage {
  std::vector<Payment> payments;
  std::string self;      // path and query
  std::string previous;  // empty: there is none
  std::string next;
};

http::Response payment_answer(int status, const Payment& payment, std::string_view base_url);
// With its chargebacks in it (`embed=chargebacks`).
http::Response payment_answer(const Payment& payment, const std::vector<Chargeback>& chargebacks,
                              std::string_view base_url);
http::Response payments_answer(const PaymentPage& page, std::string_view base_url);
http::Response refund_answer(int status, const Payment& payment, const Refund& refund, std::string_view base_url);
http::Response refunds_answer(const Payment& payment, const std::vector<Refund>& refunds, std::string_view base_url);

http::Response chargeback_answer(const Payment& payment, const Chargeback& chargeback, std::string_view base_url);
http::Response chargebacks_answer(const Payment& payment, const std::vector<Chargeback>& chargebacks,
                                  std::string_view base_url);

enum class Wallets : std::uint8_t { left_out, included };
// With an amount only those that take it.
http::Response methods_answer(Wallets wallets, const std::optional<Amount>& amount, std::string_view base_url);

http::Response error_answer(int status, std::string_view detail, std::string_view field, std::string_view base_url);
http::Response error_answer(const Error& error, std::string_view base_url);

}  // namespace paylink::simulator
