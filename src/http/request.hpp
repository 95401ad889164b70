#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paylink::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

std::string_view method_name(Method method);
// The method of that name; `other` when there is none.
Method parse_method(std::string_view name);

// One request, complete and within every limit. All views point into the connection's buffer and live until the
// exchange has been answered.
struct Request {
  struct Field {
    std::string_view name;   // as sent; compare without regard to case
    std::string_view value;  // without surrounding white space
  };

  Method method = Method::other;
  std::string_view target;  // as sent: origin form
  std::string_view path;    // of the target, still percent-encoded
  std::string_view query;   // of the target, still percent-encoded, without '?'
  std::vector<Field> fields;
  std::string_view host;  // exactly one Host field was sent
  std::string_view body;
  std::string_view client_address;  // numeric, of the peer, or what a trusted proxy said
  std::string_view trace_id;        // 32 hex digits, also in the answer's X-Trace-Id
  std::uint32_t note = 0;           // what the handler noted by `Exchange::note`

  // The value of the only field of that name (any case); absent when there is none or more than one.
  std::optional<std::string_view> field(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

// Whether a page of another site sent this: browsers that say so (Sec-Fetch-Site, Fetch Metadata) are believed, and who
// says nothing is no browser, or an old one.
bool is_from_elsewhere(const Request& request);

// Whether a Content-Type says `media_type` (in small letters), whatever its case and parameters: RFC 9110
// section 8.3.1.
bool is_media_type(std::string_view content_type, std::string_view media_type);

// Percent-decodes `text`; with `plus_is_space` for forms and queries. Absent for a broken escape, a NUL byte or text
// that is not UTF-8.
enum class PlusSign : std::uint8_t { literal, space };
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

// `text` as a part of a path or query: all but the unreserved characters (RFC 3986, section 2.3) as escapes.
std::string percent_encode(std::string_view text);

// Name and value pairs of a query or an application/x-www-form-urlencoded body, decoded, in order. Absent when any is
// broken or there are more than 1000.
using Pairs = std::vector<std::pair<std::string, std::string>>;
std::optional<Pairs> parse_pairs(std::string_view text);

}  // namespace paylink::http
