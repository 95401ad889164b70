#include "cli/call.hpp"

#include <charconv>

namespace paylink::cli {
namespace {

constexpr int patience_seconds_max = 10;

http::ClientRequest wire_request(const Access& access, const ApiRequest& request) {
  http::ClientRequest wire;
  wire.method = request.method;
  wire.url = access.base_url + request.target;
  wire.timeout = access.timeout;
  wire.answer_bytes_max = answer_bytes_max;
  wire.body = request.body;
  if (!access.authorization.empty()) wire.fields.emplace_back("Authorization", access.authorization);
  if (!access.staging_token.empty()) wire.fields.emplace_back("X-Qonto-Staging-Token", access.staging_token);
  if (!request.body.empty()) wire.fields.emplace_back("Content-Type", "application/json");
  if (!request.idempotency_key.empty()) wire.fields.emplace_back("X-Qonto-Idempotency-Key", request.idempotency_key);
  wire.fields.emplace_back("Accept", "application/json");
  return wire;
}

// How long the server asks to wait; absent when it does not, or for too long.
std::optional<std::chrono::seconds> pause_of(const http::ClientResponse& response) {
  if (response.status != 429 && response.status != 503) return std::nullopt;
  int seconds = 0;
  const std::string& text = response.retry_after;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || seconds < 0 || seconds > patience_seconds_max) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string seconds_of(std::chrono::milliseconds time) {
  const std::int64_t tenths = time.count() / 100;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " s";
}

Failure explain(const Access& access, const ApiRequest& request, const Error& error) {
  std::string message;
  if (error.reason == "timed_out")
    message = access.base_url + " did not answer within " + seconds_of(access.timeout) + ". --timeout allows more.";
  else if (error.reason == "broken_answer")
    message = "The answer of " + access.base_url + " broke off or is beyond 16 MiB. --per-page asks for less.";
  else
    message = "Cannot reach " + access.base_url + ". Is the server running, and is --base-url right?";
  // After `connect_failed` nothing was done; after anything else nobody knows.
  if (!request.idempotency_key.empty() && error.reason != "connect_failed")
    message +=
        "\nIt may have been done all the same. To find out without doing it twice, repeat the command with "
        "--idempotency-key " +
        request.idempotency_key;
  return fail(ErrorCode::unavailable, error.reason, std::move(message), error.detail);
}

}  // namespace

Result<ApiAnswer> call(const Access& access, const ApiRequest& request, const Send& send, const Sleep& sleep) {
  auto response = send(wire_request(access, request));
  const auto pause = response ? pause_of(*response) : std::optional(std::chrono::seconds(0));
  if (pause) {
    if (pause->count() > 0) sleep(*pause);
    auto again = send(wire_request(access, request));
    // A second try that was not even sent says less about the request than the first.
    if (again || response || again.error().reason != "connect_failed") response = std::move(again);
  }
  if (!response) return explain(access, request, response.error());
  return ApiAnswer{response->status, std::move(response->body)};
}

}  // namespace paylink::cli
