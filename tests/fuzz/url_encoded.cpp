// Percent-decoding and pairs (http/request). What is decoded is UTF-8 without NUL, and encodes to what decodes to it.
#include <algorithm>
#include <string>

#include "http/request.hpp"
#include "input.hpp"
#include "percent_encode.hpp"

namespace paylink {
namespace {

using http::PlusSign;

void check_decoded(std::string_view text, std::string_view sent) {
  ENSURE(fuzz::is_utf8(text) && text.find('\0') == std::string_view::npos && text.size() <= sent.size());
}

void check_text(std::string_view sent, PlusSign plus) {
  const auto decoded = http::percent_decode(sent, plus);
  if (!decoded) {
    // Without an escape there is nothing to refuse but what is no text.
    ENSURE(sent.find('%') != std::string_view::npos || sent.find('\0') != std::string_view::npos ||
           !fuzz::is_utf8(sent));
    return;
  }
  check_decoded(*decoded, sent);
  ENSURE(http::percent_decode(fuzz::percent_encode(*decoded), plus) == *decoded);
  if (sent.find_first_of("%+") == std::string_view::npos) ENSURE(*decoded == sent);
}

void check_pairs(std::string_view sent) {
  const auto pairs = http::parse_pairs(sent);
  if (!pairs) return;
  ENSURE(pairs->size() <= 1000);
  ENSURE(pairs->size() <= static_cast<std::size_t>(std::ranges::count(sent, '&')) + 1);
  std::string written;
  for (const auto& [name, value] : *pairs) {
    check_decoded(name, sent);
    check_decoded(value, sent);
    written += "&" + fuzz::percent_encode(name) + "=" + fuzz::percent_encode(value) + "&";
  }
  ENSURE(http::parse_pairs(written) == pairs);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check_text(text, paylink::http::PlusSign::literal);
  paylink::check_text(text, paylink::http::PlusSign::space);
  paylink::check_pairs(text);
  return 0;
}
