#include "http/head.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <limits>

#include "base/ascii.hpp"
#include "http/hosts.hpp"

namespace paylink::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using beast::http::verb;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(verb method) {
  switch (method) {
    case verb::get:
      return Method::get;
    case verb::head:
      return Method::head;
    case verb::post:
      return Method::post;
    case verb::put:
      return Method::put;
    case verb::patch:
      return Method::patch;
    case verb::delete_:
      return Method::del;
    case verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

// Beast checks the grammar and tells what it finds; whatever it lets pass that could be read in two ways is refused
// here. Its own handling of bodies is not used: it never sees more than a head.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser(Request& request, Framing& framing) : request_(request), framing_(framing) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the reader has counted already
    body_limit(boost::none);
  }

  std::optional<Refusal> read(std::string_view head) {
    beast::error_code error;
    const std::size_t used = put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (refusal_) return refusal_;
    if (error) return refusals::malformed("The head of the request is malformed.");
    if (used != head.size() || !is_header_done()) return refusals::malformed("The head of the request is malformed.");
    return check_whole();
  }

 private:
  using Text = beast::string_view;
  using Code = beast::error_code;

  void refuse(const Refusal& refusal, Code& error) {
    refusal_ = refusal;
    error = beast::http::error::bad_value;
  }

  void on_request_impl(verb method, Text, Text target, int version, Code&) override {
    request_.method = method_of(method);
    request_.target = view(target);
    version_ = version;
  }

  void on_field_impl(field name, Text name_text, Text value, Code& error) override {
    request_.fields.push_back({view(name_text), view(value)});
    switch (name) {
      case field::host:
        return on_host(view(value), error);
      case field::content_length:
        return on_content_length(view(value), error);
      case field::transfer_encoding:
        return on_transfer_encoding(view(value), error);
      case field::expect:
        return on_expect(view(value), error);
      default:
        return;
    }
  }

  void on_host(std::string_view value, Code& error) {
    if (has_host_) return refuse(refusals::malformed("Host must be sent once."), error);
    has_host_ = true;
    request_.host = value;
  }

  void on_content_length(std::string_view value, Code& error) {
    const char* end = value.data() + value.size();
    const auto [stopped, code] = std::from_chars(value.data(), end, framing_.content_length);
    if (has_length_ || value.empty() || stopped != end || code != std::errc() || value.front() == '-')
      return refuse(refusals::malformed("Content-Length must be one decimal number."), error);
    has_length_ = true;
    if (framing_.content_length > 0) framing_.body = Body::counted;
  }

  void on_transfer_encoding(std::string_view value, Code& error) {
    if (equal_ignoring_case(value, "chunked") && !has_coding_) {
      has_coding_ = true;
      framing_.body = Body::chunked;
      return;
    }
    const std::string lowered = lower_ascii(value);
    const bool is_odd = has_coding_ || lowered.empty() || lowered.find("chunked") != std::string::npos;
    refuse(is_odd ? refusals::malformed("Transfer-Encoding must be exactly chunked.") : refusals::unknown_coding,
           error);
  }

  void on_expect(std::string_view value, Code& error) {
    if (!equal_ignoring_case(value, "100-continue")) return refuse(refusals::unknown_expectation, error);
    framing_.expects_continue = true;
  }

  std::optional<Refusal> check_whole() {
    if (!has_host_ || !is_host(request_.host))
      return refusals::malformed("Host must be sent once, as a host and a port.");
    if (has_coding_ && (has_length_ || version_ < 11))
      return refusals::malformed("Transfer-Encoding cannot be combined with Content-Length or HTTP/1.0.");
    framing_.keep_alive = version_ >= 11 && keep_alive();
    framing_.expects_continue = framing_.expects_continue && version_ >= 11 && framing_.body != Body::none;
    return split_target();
  }

  std::optional<Refusal> split_target() {
    std::string_view& target = request_.target;
    const auto is_allowed = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
    if (!std::ranges::all_of(target, is_allowed) || !strip_authority(target) || !target.starts_with('/'))
      return refusals::malformed("The target of the request is malformed.");
    const std::size_t mark = target.find('?');
    request_.path = target.substr(0, mark);
    request_.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    return std::nullopt;
  }

  // The absolute form names the host a second time (RFC 9112 section 3.2.2): served when both say the same.
  bool strip_authority(std::string_view& target) const {
    std::size_t start = 0;
    for (const std::string_view scheme : {"http://", "https://"})
      if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) start = scheme.size();
    if (start == 0) return true;
    const std::string_view rest = target.substr(start);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (!equal_ignoring_case(rest.substr(0, slash), request_.host)) return false;
    target = slash < rest.size() ? rest.substr(slash) : std::string_view("/");
    return true;
  }

  // Never reached: a parser of heads is given no body.
  void on_response_impl(int, Text, int, Code&) override {}
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(Text body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code&) override { return body.size(); }
  void on_finish_impl(Code&) override {}

  Request& request_;
  Framing& framing_;
  std::optional<Refusal> refusal_;
  int version_ = 11;
  bool has_host_ = false;
  bool has_length_ = false;
  bool has_coding_ = false;
};

}  // namespace

std::optional<Refusal> parse_head(std::string_view head, Request& request, Framing& framing) {
  request.fields.clear();
  request.host = {};
  framing = {};
  return HeadParser(request, framing).read(head);
}

}  // namespace paylink::http
