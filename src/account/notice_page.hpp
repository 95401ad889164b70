#pragma once

#include <cstdint>
#include <string>

#include "http/response.hpp"
#include "pages/site.hpp"

namespace paylink::account {

// Why something was not done.
enum class NoticeKind : std::uint8_t {
  too_many_attempts,  // 429 with Retry-After; says when
  busy,               // 429 with Retry-After; too many requests came from the visitor's address
  form_expired,       // 403
  not_from_here,      // 403
  unavailable,        // 503 with Retry-After
  internal,           // 500
};

struct Notice {
  NoticeKind kind;
  std::int64_t retry_after_seconds = 10;  // of those that say so
  std::string trace_id{};                 // of `internal`
};

http::Response notice_page(const pages::Language& language, const Notice& notice);

}  // namespace paylink::account
