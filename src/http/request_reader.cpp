#include "http/request_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/hosts.hpp"

namespace paylink::http {
namespace {

constexpr std::size_t capacity_first = 1024;     // enough for most requests; idle connections keep no more than
constexpr std::size_t capacity_kept = 4 * 1024;  // this

}  // namespace

std::span<char> RequestReader::space() {
  // Chunk framing between the body so far and what is not read yet is of no more use.
  if (end_ == capacity_ && state_ == State::body && framing_.body == Body::chunked && raw_ > body_end_) {
    std::memmove(memory_.get() + body_end_, memory_.get() + raw_, end_ - raw_);
    end_ -= raw_ - body_end_;
    raw_ = body_end_;
  }
  if (end_ == capacity_ && begin_ > 0) relocate(memory_.get(), begin_);
  if (end_ == capacity_) {
    const std::size_t capacity = std::max(capacity_first, capacity_ * 2);
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    relocate(memory.get(), begin_);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }
  return {memory_.get() + end_, capacity_ - end_};
}

// Moves everything from `begin_` on to `to`, and every offset and view with it.
void RequestReader::relocate(char* to, std::size_t by) {
  const char* const from = memory_.get() + by;
  const std::size_t size = end_ - by;
  if (size > 0) std::memmove(to, from, size);
  for (std::size_t* offset : {&begin_, &line_, &scanned_, &body_begin_, &body_end_, &raw_, &next_, &end_})
    *offset -= std::min(*offset, by);
  if (state_ != State::body) return;
  const auto move = [&](std::string_view& view) {
    if (view.data() >= from && view.data() < from + size) view = {to + (view.data() - from), view.size()};
  };
  for (std::string_view* view : {&request_.target, &request_.path, &request_.query, &request_.host}) move(*view);
  for (Request::Field& field : request_.fields) {
    move(field.name);
    move(field.value);
  }
}

RequestReader::State RequestReader::advance() {
  switch (state_) {
    case State::idle:
    case State::head:
      return read_head();
    case State::body:
      return framing_.body == Body::chunked ? read_chunks() : read_counted();
    case State::complete:
    case State::refused:
      return state_;
  }
  return state_;
}

void RequestReader::next() {
  begin_ = line_ = scanned_ = next_;
  lines_ = 0;
  state_ = State::idle;
  request_.fields.clear();
  request_.method = Method::other;
  request_.note = 0;
  request_.target = request_.path = request_.query = request_.host = request_.body = {};
  if (begin_ < end_) return;
  begin_ = line_ = scanned_ = next_ = end_ = 0;
  if (capacity_ <= capacity_kept) return;
  memory_.reset();
  capacity_ = 0;
}

bool RequestReader::take_expectation() { return std::exchange(framing_.expects_continue, false); }

RequestReader::State RequestReader::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return state_ = State::refused;
}

// Finds the end of the head. A line ends with CR LF and nothing else; what Beast would tell only once the head is
// complete is told at once here.
RequestReader::State RequestReader::read_head() {
  if (begin_ == end_) return state_ = State::idle;
  state_ = State::head;
  const char* const data = memory_.get();
  const char first = static_cast<char>(data[begin_] | 0x20);
  if (first < 'a' || first > 'z') return refuse(refusals::malformed("A request begins with its method."));
  for (;;) {
    const void* found = std::memchr(data + scanned_, '\n', end_ - scanned_);
    if (found == nullptr) {
      scanned_ = end_;
      return end_ - begin_ > options_.limits.head_bytes ? refuse(refusals::head_too_large) : state_;
    }
    const auto line_end = static_cast<std::size_t>(static_cast<const char*>(found) - data);
    if (line_end + 1 - begin_ > options_.limits.head_bytes) return refuse(refusals::head_too_large);
    if (line_end == line_ || data[line_end - 1] != '\r')
      return refuse(refusals::malformed("A line must end with CR LF."));
    const bool is_empty = line_end - line_ == 1;
    if (!is_empty && (data[line_] == ' ' || data[line_] == '\t'))
      return refuse(refusals::malformed("A field must be on one line."));
    line_ = scanned_ = line_end + 1;
    if (is_empty) return begin_body(line_);
    if (++lines_ > options_.limits.fields + 1) return refuse(refusals::head_too_large);
  }
}

bool RequestReader::is_for_us() const {
  return options_.allowed_hosts.empty() || is_allowed_host(request_.host, options_.allowed_hosts) ||
         std::ranges::find(options_.any_host_paths, request_.path) != options_.any_host_paths.end();
}

RequestReader::State RequestReader::begin_body(std::size_t head_end) {
  const std::string_view head(memory_.get() + begin_, head_end - begin_);
  if (const auto refused = parse_head(head, request_, framing_)) return refuse(*refused);
  if (!is_for_us()) return refuse(refusals::misdirected);
  body_begin_ = body_end_ = raw_ = head_end;
  body_received_ = end_ - head_end;
  if (framing_.body == Body::none) return complete(head_end, head_end);
  if (framing_.body == Body::counted && framing_.content_length > options_.limits.body_bytes)
    return refuse(refusals::body_too_large);
  chunks_ = ChunkDecoder(options_.limits.body_bytes);
  state_ = State::body;
  return advance();
}

RequestReader::State RequestReader::read_counted() {
  const std::size_t body_end = body_begin_ + static_cast<std::size_t>(framing_.content_length);
  return end_ < body_end ? state_ : complete(body_end, body_end);
}

RequestReader::State RequestReader::read_chunks() {
  switch (chunks_.decode(memory_.get(), raw_, end_, body_end_)) {
    case ChunkDecoder::Outcome::more:
      return state_;
    case ChunkDecoder::Outcome::refused:
      return refuse(chunks_.refusal());
    case ChunkDecoder::Outcome::complete:
      break;
  }
  return complete(body_end_, raw_);
}

RequestReader::State RequestReader::complete(std::size_t body_end, std::size_t next) {
  request_.body = {memory_.get() + body_begin_, body_end - body_begin_};
  next_ = next;
  return state_ = State::complete;
}

}  // namespace paylink::http
