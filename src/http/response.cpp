#include "http/response.hpp"

#include <algorithm>

#include "base/ensure.hpp"

namespace paylink::http {

Response& Response::add_field(std::string_view name, std::string_view value) {
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
  ENSURE(std::ranges::all_of(name, printable) && std::ranges::all_of(value, printable));
  fields.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Other";
  }
}

Response see_other(std::string_view location) {
  Response response{303, {}, {}, {}};
  response.add_field("Location", location);
  response.add_field("Cache-Control", "no-store");
  response.add_field("Referrer-Policy", "no-referrer");
  return response;
}

Response moved_permanently(std::string_view location) {
  Response response{308, {}, {}, {}};
  response.add_field("Location", location);
  return response;
}

}  // namespace paylink::http
