#include "runtime/endpoint.hpp"

namespace paylink::runtime {

Task<Result<>> Endpoint::resume(app::RunningFlow, const Input&, app::Lane&) {
  co_return fail(ErrorCode::internal, "no_flow", "Something went wrong on our side.", "this route begins no flows");
}

namespace detail {

http::Response replay(app::ReplayedAnswer stored) {
  http::Response response{stored.status, "application/json", std::move(stored.body), {}};
  response.add_field("Idempotent-Replayed", "true");
  return response;
}

Result<std::optional<app::IdempotentRequest>> idempotency_of(const Call& call, std::string_view name,
                                                             app::Idempotency rule) {
  if (call.caller.nobody()) return std::optional<app::IdempotentRequest>();
  const http::Request& request = call.exchange.request();
  const auto key =
      TRY(app::read_idempotency_key(request.field("X-Qonto-Idempotency-Key"), request.field("Idempotency-Key"),
                                    request.count("X-Qonto-Idempotency-Key") + request.count("Idempotency-Key")));
  if (!key) return std::optional<app::IdempotentRequest>();
  // The body of a PATCH says nothing (contract.md 1): with another it is the same request.
  const std::string_view body = request.method == http::Method::patch ? std::string_view() : request.body;
  return std::optional<app::IdempotentRequest>(
      app::IdempotentRequest::create(call.caller, name, *key, request.path, body, rule));
}

}  // namespace detail
}  // namespace paylink::runtime
