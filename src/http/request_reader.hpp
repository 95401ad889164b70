#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "http/chunks.hpp"
#include "http/head.hpp"
#include "http/server.hpp"

namespace paylink::http {

// Turns the bytes of one connection into requests, one at a time; what arrives behind a request waits for `next`.
class RequestReader {
 public:
  explicit RequestReader(const Options& options) : options_(options), chunks_(options.limits.body_bytes) {}

  // Where to put what arrives next, at least one byte. Moves the views of an incomplete request along.
  std::span<char> space();
  void received(std::size_t bytes) {
    end_ += bytes;
    body_received_ += bytes;
  }

  enum class State : std::uint8_t {
    idle,  // nothing of the next request has arrived
    head,
    body,
    complete,  // `request` may be used until `next`
    refused,   // for good
  };
  State advance();

  // Forgets the complete request, and gives back memory that only a large one needed.
  void next();

  Request& request() { return request_; }
  const Refusal& refusal() const { return refusal_; }
  bool keep_alive() const { return framing_.keep_alive; }
  // True once for a request whose client waits for a word before it sends the body.
  bool take_expectation();
  bool has_waiting() const { return end_ > next_; }             // bytes behind the complete request
  std::size_t memory() const { return capacity_; }              // bytes it holds
  std::size_t body_received() const { return body_received_; }  // raw bytes behind the head

 private:
  State read_head();
  State begin_body(std::size_t head_end);
  State read_counted();
  State read_chunks();
  State refuse(const Refusal& refusal);
  State complete(std::size_t body_end, std::size_t next);
  void relocate(char* to, std::size_t from_offset);

  bool is_for_us() const;

  const Options& options_;
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  // Offsets into the memory: begin_ ≤ … ≤ end_.
  std::size_t begin_ = 0;    // of the request
  std::size_t line_ = 0;     // of the line that is not complete yet
  std::size_t scanned_ = 0;  // no line ends before this
  std::size_t body_begin_ = 0;
  std::size_t body_end_ = 0;  // of what is decoded
  std::size_t raw_ = 0;       // chunked: read up to here
  std::size_t next_ = 0;      // where the next request begins
  std::size_t end_ = 0;       // of what has arrived
  std::size_t lines_ = 0;     // complete ones of this head
  std::size_t body_received_ = 0;
  State state_ = State::idle;
  Request request_;
  Framing framing_;
  ChunkDecoder chunks_;
  Refusal refusal_;
};

}  // namespace paylink::http
