#pragma once

#include <string_view>

namespace paylink::http {

// Why the server itself turns a request down; the connection closes after the answer, but for `no_room`.
struct Refusal {
  int status = 400;
  std::string_view reason = "bad_request";
  std::string_view message;
};

namespace refusals {

constexpr Refusal malformed(std::string_view message) { return {400, "bad_request", message}; }

inline constexpr Refusal head_too_slow{408, "request_timeout", "The head of the request took too long to arrive."};
inline constexpr Refusal body_too_slow{408, "request_timeout", "The body of the request arrives too slowly."};
inline constexpr Refusal body_too_large{413, "payload_too_large", "The body of the request is larger than allowed."};
inline constexpr Refusal unknown_expectation{417, "unknown_expectation", "Only Expect: 100-continue is understood."};
inline constexpr Refusal misdirected{421, "misdirected_request",
                                     "This server does not serve the host that was asked for."};
inline constexpr Refusal head_too_large{431, "head_too_large", "The head of the request is larger than allowed."};
inline constexpr Refusal no_room{503, "service_unavailable",
                                 "Clients leave so much unread that there is no room. Try again in a moment."};
inline constexpr Refusal unknown_coding{501, "unknown_transfer_coding", "Transfer-Encoding may only be chunked."};

}  // namespace refusals
}  // namespace paylink::http
