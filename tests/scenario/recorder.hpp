#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paylink::scenario {

struct Answer;

// With PAYLINK_EXCHANGES naming a file, every exchange of the suite is appended to it, a JSON object a line:
// {"method","target","head","body","status","answer_head","answer_body"}, each byte of a text as the code point of its
// number. A request that is no HTTP has an empty method and everything in "body". tools/openapi/check_exchanges.py
// holds them against the API's document.

// Exchanges with that port of 127.0.0.1 are no business of ours: it is the simulator's.
void never_record(std::uint16_t port);
// The program itself listens there now, whoever did before.
void record(std::uint16_t port);

// Takes what was sent over one connection apart again, a request an answer.
class Recorder {
 public:
  explicit Recorder(std::uint16_t port) : port_(port) {}
  void sent(std::string_view bytes);
  void received(const Answer& answer);

 private:
  std::uint16_t port_;
  std::string sent_;
};

}  // namespace paylink::scenario
