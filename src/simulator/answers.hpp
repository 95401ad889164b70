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

// The types of what is answered, and of what links lead to.
inline constexpr std::string_view hal = "application/hal+json", html = "text/html";

http::Response hal_answer(int status, std::string body);
// As Mollie writes it: with the offset.
std::string time_text(Time time);

// A page of a list, and where its neighbours start.
template <class Entry>
struct Page {
  std::vector<Entry> entries;
  std::string self;      // path and query
  std::string previous;  // empty: there is none
  std::string next;
};

// What a client wants in the payment itself (`embed=refunds,chargebacks`).
struct Embedded {
  std::optional<std::vector<Refund>> refunds;
  std::optional<std::vector<Chargeback>> chargebacks;
};

http::Response payment_answer(int status, const Payment& payment, std::string_view base_url,
                              const Embedded& embedded = {});
http::Response refund_answer(int status, const Refund& refund, std::string_view base_url);
http::Response chargeback_answer(const Chargeback& chargeback, std::string_view base_url);

http::Response list_answer(const Page<Payment>& page, std::string_view base_url);
http::Response list_answer(const Page<Refund>& page, std::string_view base_url);
http::Response list_answer(const Page<Chargeback>& page, std::string_view base_url);

enum class Wallets : std::uint8_t { left_out, included };
// With an amount only those that take it. `self` is the list's path.
struct MethodsQuery {
  std::string_view self;
  Wallets wallets = Wallets::left_out;
  std::optional<Amount> amount;
};
http::Response methods_answer(const MethodsQuery& query, std::string_view base_url);
http::Response method_answer(const MethodRow& method, std::string_view base_url);

http::Response error_answer(int status, std::string_view detail, std::string_view field, std::string_view base_url);
http::Response error_answer(const Error& error, std::string_view base_url);

}  // namespace paylink::simulator
