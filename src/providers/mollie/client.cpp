#include "providers/mollie/client.hpp"

#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "crypto/encoding.hpp"
#include "providers/mollie/connect_mapping.hpp"

namespace paylink::providers::mollie {
namespace {

using std::chrono::milliseconds;
using Answer = Result<http::ClientResponse>;

// A list of 250 chargebacks, the largest answer there is, has a quarter of this.
constexpr std::size_t answer_bytes_max = std::size_t{1024} * 1024;

Failure down() {
  return fail(ErrorCode::unavailable, "provider_down", "The payment provider is not available. Try again later.",
              "it has not answered the last calls");
}

bool is_repeatable(const http::ClientRequest& request, Operation operation) {
  return request.method == "GET" || operation == Operation::renew ||
         std::ranges::find(request.fields, "Idempotency-Key", &std::pair<std::string, std::string>::first) !=
             request.fields.end();
}

// Whether the same call may fare better in a moment.
bool is_passing(const Answer& answer) {
  if (!answer) return answer.error().reason != "overloaded" && answer.error().code == ErrorCode::unavailable;
  const int status = answer->status;
  return status == 408 || status == 409 || status == 429 || status >= 500;
}

// What an answer says of the provider, and not of one merchant, one method or ourselves. 503 to a create: those who
// stand behind one method are down. What stands behind the token endpoint takes no payments.
Breaker::Sign sign_of(const Answer& answer, Operation operation) {
  if (!answer) return is_passing(answer) ? Breaker::Sign::dead : Breaker::Sign::none;
  if (is_about_tokens(operation)) return Breaker::Sign::none;
  if (answer->status < 500) return Breaker::Sign::alive;
  return answer->status == 503 && operation == Operation::create ? Breaker::Sign::none : Breaker::Sign::dead;
}

// What Retry-After says in seconds; nothing where it says a date, which nobody sends here.
std::optional<milliseconds> retry_after(const Answer& answer) {
  if (!answer || (answer->status != 429 && answer->status != 503)) return std::nullopt;
  const std::string& text = answer->retry_after;
  std::uint32_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || read.ptr != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(read.ec == std::errc() ? seconds : UINT32_MAX);
}

// RFC 4648 with padding, as HTTP Basic wants it.
std::string to_base64(std::string_view bytes) {
  std::string text = crypto::to_base64url(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace

http::ClientRequest Client::request_of(const Call& call, std::string authorization) const {
  const bool is_oauth = is_about_tokens(call.operation);
  http::ClientRequest request;
  request.method = call.method;
  request.url = base_url_ + call.path;
  request.fields = {{"Authorization", std::move(authorization)},
                    {"Accept", is_oauth ? "application/json" : "application/hal+json"},
                    {"User-Agent", "Paylink/0.1"}};
  if (!call.body.empty())
    request.fields.emplace_back("Content-Type", is_oauth ? "application/x-www-form-urlencoded" : "application/json");
  if (!call.idempotency_key.empty()) request.fields.emplace_back("Idempotency-Key", call.idempotency_key);
  request.body = call.body;
  request.answer_bytes_max = answer_bytes_max;
  return request;
}

// Not coroutines themselves, so that nothing they are passed has to outlive the call.
Task<Result<std::string>> Client::send(const app::ProviderAccess& access, const Call& call) {
  return persist(request_of(call, "Bearer " + access.credential.reveal()), call.operation,
                 access.granted ? By::token : By::key);
}

Task<Result<std::string>> Client::send_as(const Secret& name_and_secret, const Call& call) {
  return persist(request_of(call, "Basic " + to_base64(name_and_secret.reveal())), call.operation, By::application);
}

Task<Result<std::string>> Client::persist(http::ClientRequest request, Operation operation, By by) {
  const Time end = clock_.now() + patience_.total;
  // A try that is given no time only looks as if the provider had failed.
  const milliseconds shortest = patience_.one_try / 4;
  milliseconds left = patience_.one_try;
  Answer answer = down();
  for (int tries = 1; left >= shortest; ++tries) {
    answer = co_await try_once(request, operation, std::min(left, patience_.one_try));
    if (tries >= patience_.tries || !is_passing(answer) || !is_repeatable(request, operation)) break;
    if (!answer && answer.error().reason == "provider_down") break;
    const milliseconds wait = draw_wait(tries, answer);
    if (clock_.now() + wait + shortest > end) break;
    LOG(info, "provider_tried_again", {"reason", answer ? std::string_view("status") : answer.error().reason},
        {"status", answer ? answer->status : 0}, {"tries", std::int64_t{tries}});
    co_await http_.wait(wait);
    left = std::chrono::floor<milliseconds>(end - clock_.now());  // less, when the clock has been moved meanwhile
  }
  co_return read(std::move(answer), operation, by);
}

// A token that is too old is refused as a matter of course, and renewed; whoever cannot says so (RefreshingProvider).
Result<std::string> Client::read(Answer answer, Operation operation, By by) {
  if (!answer) {
    LOG(warn, "provider_unreachable", {"reason", answer.error().reason}, {"detail", answer.error().detail});
    return std::move(answer).failure();
  }
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  Failure failure = is_about_tokens(operation) ? read_token_failure(answer->status, answer->body)
                                               : read_failure(operation, answer->status, answer->body);
  const Error& error = failure.error();
  if (error.reason == "provider_refuses_key" && by == By::token)
    LOG(info, "provider_refuses_token", {"detail", error.detail});
  else if (error.reason == "provider_refuses_key")
    LOG(error, "provider_refuses_key", {"detail", error.detail});
  else if (error.code == ErrorCode::conflict)  // a payment that cannot be canceled any more, mostly
    LOG(info, "provider_conflict", {"detail", error.detail});
  else
    LOG(warn, "provider_refused", {"reason", error.reason}, {"detail", error.detail});
  return failure;
}

Task<Answer> Client::try_once(http::ClientRequest request, Operation operation, milliseconds time) {
  if (!breaker_.admits(clock_.now())) co_return down();
  request.timeout = time;
  auto answer = co_await http_.send(std::move(request));
  breaker_.note(sign_of(answer, operation), clock_.now());
  co_return answer;
}

milliseconds Client::draw_wait(int tries, const Answer& answer) {
  const milliseconds longest = std::min(patience_.wait * (1 << std::min(tries - 1, 10)), patience_.wait_max);
  const milliseconds wait(random_.number() % static_cast<std::uint64_t>(longest.count() + 1));
  return std::max(wait, retry_after(answer).value_or(milliseconds(0)));
}

}  // namespace paylink::providers::mollie
