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
  wire.answer_bytes_max = 16 << 20;
  wire.body = request.body;
  if (!access.authorization.empty()) wire.fields.emplace_back("Authorization", access.authorization);
  if (!access.staging_token.empty()) wire.fields.emplace_back("X-Qonto-Staging-Token", access.staging_token);
  if (!request.body.empty()) wire.fields.emplace_back("Content-Type", "application/json");
  if (!request.idempotency_key.empty()) wire.fields.emplace_back("Idempotency-Key", request.idempotency_key);
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

}  // namespace

Result<ApiAnswer> call(const Access& access, const ApiRequest& request, const Send& send, const Sleep& sleep) {
  auto response = send(wire_request(access, request));
  if (response) {
    if (const auto pause = pause_of(*response)) {
      sleep(*pause);
      response = send(wire_request(access, request));
    }
  } else {
    response = send(wire_request(access, request));
  }
  if (!response)
    return fail(ErrorCode::unavailable, response.error().reason,
                "Cannot reach " + access.base_url + ". Is the server running, and is --base-url right?",
                response.error().detail);
  return ApiAnswer{response->status, std::move(response->body)};
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return result;
}

}  // namespace paylink::cli
