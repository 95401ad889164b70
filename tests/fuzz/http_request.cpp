// The requests of one connection (http/request_reader, head, chunks). The first line says into which pieces the rest is
// cut: each of its bytes is a length (modulo 32, 'a' is 1), over and over. However the bytes arrive, the requests and
// the refusal are the same. The rest is also sent as the content of a request of ours, in chunks of these lengths.
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

const http::Options& small_options() {
  static const http::Options options = [] {
    http::Options small;
    small.limits = small_limits();
    return small;
  }();
  return options;
}

// How long a piece is to be, at most; 0: as long as it may.
std::size_t length_at(std::string_view lengths, std::size_t piece) {
  return lengths.empty() ? 0
                         : std::max<std::size_t>(static_cast<unsigned char>(lengths[piece % lengths.size()]) & 31, 1);
}

// Takes the next piece off the front of `bytes`.
void feed(RequestReader& reader, std::string_view& bytes, std::size_t length) {
  const auto space = reader.space();
  const std::size_t size = std::min({length == 0 ? bytes.size() : length, bytes.size(), space.size()});
  std::memcpy(space.data(), bytes.data(), size);
  reader.received(size);
  bytes.remove_prefix(size);
}

// Everything somebody behind the reader could tell apart.
std::string read_in_pieces(std::string_view bytes, std::string_view lengths) {
  const http::Options& options = small_options();
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
    feed(reader, bytes, length_at(lengths, piece));
  }
}

std::string in_chunks(std::string_view content, std::string_view lengths) {
  std::string text;
  for (std::size_t piece = 0; !content.empty(); ++piece) {
    const std::size_t wanted = length_at(lengths, piece);
    const std::string_view chunk = content.substr(0, wanted == 0 ? content.size() : wanted);
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, chunk.size(), 16).ptr;
    text.append(digits, end).append(piece == 1 ? ";part=x\r\n" : "\r\n").append(chunk).append("\r\n");
    content.remove_prefix(chunk.size());
  }
  return text + "0\r\n\r\n";
}

// However it is cut into chunks, and they into pieces, nothing of a content is lost or comes twice.
void check_content(std::string_view content, std::string_view lengths) {
  content = content.substr(0, small_limits().body_bytes);
  const std::string request =
      "POST /v2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + in_chunks(content, lengths);
  for (const std::string_view pieces : {std::string_view(), lengths, std::string_view("a")}) {
    RequestReader reader(small_options());
    std::string_view bytes = request;
    for (std::size_t piece = 0; reader.advance() != RequestReader::State::complete; ++piece) {
      ENSURE(reader.advance() != RequestReader::State::refused && !bytes.empty());
      feed(reader, bytes, length_at(pieces, piece));
    }
    ENSURE(bytes.empty() && !reader.has_waiting() && reader.request().body == content);
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
  paylink::check_content(bytes, lengths);
  return 0;
}
