#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recorder.hpp"

namespace paylink::scenario {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  int status = 0;
  std::string head;  // status line and fields, each line with its CR LF
  std::string body;

  // The value of the first field of that name, whatever its case; empty when there is none.
  std::string field(std::string_view name) const;
};

enum class BodyOf : std::uint8_t { get, head };

// One connection to 127.0.0.1, kept alive. Waits at most ten seconds for anything.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool send(std::string_view bytes);
  // The next answer; nothing when the connection ends before it is complete. Answers with status 100 are passed over.
  std::optional<Answer> receive(BodyOf method = BodyOf::get);
  // Whether the other side closes now, having sent nothing more.
  bool is_closed_by_peer();

 private:
  bool read_more();

  int socket_ = -1;
  std::string received_;
  Recorder recorder_;
};

struct Message {
  std::string method = "GET";
  std::string target = {};
  Fields fields = {};
  std::string body = {};
};

// What goes over the wire: Host and Content-Length are added when `fields` has none.
std::string wire(const Message& message, std::uint16_t port);

// Sends one message on a connection of its own; status 0 when there was no answer.
Answer exchange(std::uint16_t port, const Message& message);

}  // namespace paylink::scenario
