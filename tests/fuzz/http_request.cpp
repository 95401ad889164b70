// The requests of one connection (http/request_reader, head, chunks). The first line says into which pieces the rest is
// cut: each of its bytes is a length (modulo 32, 'a' is 1), over and over. However the bytes arrive, the requests and
// the refusal are the same.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "http/hosts.hpp"
#include "http/request_reader.hpp"
#include "input.hpp"

namespace paylink {
namespace {

using http::RequestReader;

// Small, so that the fuzzer meets them; a body is still more than the reader's first buffer holds.
http::Limits small_limits() {
  http::Limits limits;
  limits.head_bytes = 512;
  limits.fields = 8;
  limits.body_bytes = 2048;
  return limits;
}

void append(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

void check_fields(const http::Request& request, const http::Limits& limits) {
  ENSURE(request.fields.size() <= limits.fields);
  for (const auto& field : request.fields) {
    ENSURE(!field.name.empty() && field.name.find_first_of(" \t\r\n:") == std::string_view::npos);
    ENSURE(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

void check_body(const http::Request& request, const http::Limits& limits) {
  ENSURE(request.body.size() <= limits.body_bytes);
  const std::size_t codings = request.count("Transfer-Encoding"), lengths = request.count("Content-Length");
  ENSURE(codings + lengths <= 1);  // whoever sends both means to be understood in two ways
  if (codings == 1) return;
  const std::string length(request.field("Content-Length").value_or("0"));
  ENSURE(!length.empty() && length.find_first_not_of("0123456789") == std::string::npos);
  ENSURE(length.substr(std::min(length.find_first_not_of('0'), length.size())) ==
         (request.body.empty() ? "" : std::to_string(request.body.size())));
}

void check_request(const http::Request& request, const http::Limits& limits) {
  check_fields(request, limits);
  check_body(request, limits);
  ENSURE(request.count("Host") == 1 && request.field("Host") == request.host && http::is_host(request.host));
  ENSURE(request.path.starts_with('/') && request.path.find('?') == std::string_view::npos);
  const bool has_query = request.path.size() < request.target.size();
  const std::string joined = std::string(request.path) + (has_query ? "?" : "") + std::string(request.query);
  ENSURE(request.target.ends_with(joined));
  for (const char c : request.target) ENSURE(c > 0x20 && c < 0x7F && c != '#');
}

void describe(std::string& out, RequestReader& reader) {
  const http::Request& request = reader.request();
  append(out, http::method_name(request.method));
  for (const std::string_view part : {request.target, request.path, request.query, request.host, request.body})
    append(out, part);
  for (const auto& field : request.fields) {
    append(out, field.name);
    append(out, field.value);
  }
  out += reader.keep_alive() ? "keep\n" : "close\n";
}

// Everything somebody behind the reader could tell apart.
std::string read_in_pieces(std::string_view bytes, std::string_view lengths) {
  static const http::Options options = [] {
    http::Options small;
    small.limits = small_limits();
    return small;
  }();
  RequestReader reader(options);
  std::string seen;
  for (std::size_t piece = 0;; ++piece) {
    while (reader.advance() == RequestReader::State::complete) {
      check_request(reader.request(), options.limits);
      describe(seen, reader);
      if (!reader.keep_alive()) return seen;
      reader.next();
    }
    const auto state = reader.advance();
    if (state == RequestReader::State::refused)
      return seen + "refused " + std::to_string(reader.refusal().status) + " " + std::string(reader.refusal().message);
    if (bytes.empty()) return seen + "waiting " + std::to_string(static_cast<int>(state));
    const auto space = reader.space();
    const auto length = lengths.empty() ? bytes.size() : static_cast<std::size_t>(lengths[piece % lengths.size()] & 31);
    const std::size_t size = std::min({std::max<std::size_t>(length, 1), bytes.size(), space.size()});
    std::memcpy(space.data(), bytes.data(), size);
    reader.received(size);
    bytes.remove_prefix(size);
  }
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = paylink::fuzz::text_of(data, size);
  const std::string_view lengths = paylink::fuzz::take_line(bytes);
  const std::string whole = paylink::read_in_pieces(bytes, {});
  ENSURE(paylink::read_in_pieces(bytes, lengths) == whole);
  ENSURE(paylink::read_in_pieces(bytes, "a") == whole);
  return 0;
}
