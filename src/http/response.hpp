#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace paylink::http {

// One answer. The server adds Date, Content-Length, X-Trace-Id and Connection.
struct Response {
  int status = 200;
  std::string content_type;  // empty: no Content-Type (and the body is empty)
  std::string body;
  std::string fields;  // further header lines, made by `add_field` alone
  // How long the answer is held back, and with it the next request of the same connection: for who asks too much.
  std::chrono::milliseconds pause{0};

  // Appends `name: value`. A value with a control character is a bug (ENSURE): it never comes straight from input.
  Response& add_field(std::string_view name, std::string_view value);
};

std::string_view reason_phrase(int status);

Response see_other(std::string_view location);
// 308: what was asked for has another address, for good and for every method.
Response moved_permanently(std::string_view location);

}  // namespace paylink::http
