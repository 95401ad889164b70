#include "providers/mollie/client.hpp"

#include "base/log.hpp"

namespace paylink::providers::mollie {
namespace {

constexpr std::chrono::seconds deadline{10};

}  // namespace

// Not a coroutine itself, so that nothing it is passed has to outlive the call.
Task<Result<std::string>> Client::send(const app::ProviderAccess& access, const Call& call) {
  http::ClientRequest request;
  request.method = call.method;
  request.url = base_url_ + call.path;
  request.fields = {{"Authorization", "Bearer " + access.credential.reveal()},
                    {"Accept", "application/hal+json"},
                    {"User-Agent", "Paylink/0.1"}};
  if (!call.body.empty()) request.fields.emplace_back("Content-Type", "application/json");
  if (!call.idempotency_key.empty()) request.fields.emplace_back("Idempotency-Key", call.idempotency_key);
  request.body = call.body;
  request.timeout = deadline;
  return exchange(std::move(request), call.operation);
}

Task<Result<std::string>> Client::exchange(http::ClientRequest request, Operation operation) {
  auto answer = co_await http_.send(std::move(request));
  if (!answer) {
    LOG(warn, "provider_unreachable", {"reason", answer.error().reason}, {"detail", answer.error().detail});
    co_return Failure{std::move(answer).error()};
  }
  if (answer->status >= 200 && answer->status < 300) co_return std::move(answer->body);
  Failure failure = read_failure(operation, answer->status, answer->body);
  if (answer->status == 401 || answer->status == 403)
    LOG(error, "provider_refuses_key", {"detail", failure.error.detail});
  else if (failure.error.code == ErrorCode::conflict)  // a payment that cannot be canceled any more, mostly
    LOG(info, "provider_conflict", {"detail", failure.error.detail});
  else
    LOG(warn, "provider_refused", {"reason", failure.error.reason}, {"detail", failure.error.detail});
  co_return failure;
}

}  // namespace paylink::providers::mollie
