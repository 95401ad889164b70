#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/refusal.hpp"
#include "http/request.hpp"

namespace paylink::http {

enum class Body : std::uint8_t { none, counted, chunked };

// What the head of a request says about the bytes behind it and about the connection.
struct Framing {
  Body body = Body::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Reads the head of a request (RFC 9112): the request line, the fields and the empty line, complete. Fills method,
// target, path, query, fields and host of `request` with views into `head`. Everything ambiguous is refused. HTTP/1.0
// is served without keep-alive, because proxies speak it; it has to send Host as well.
std::optional<Refusal> parse_head(std::string_view head, Request& request, Framing& framing);

}  // namespace paylink::http
