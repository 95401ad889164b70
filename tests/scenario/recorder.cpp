#include "recorder.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>

#include "client.hpp"

namespace paylink::scenario {
namespace {

struct Log {
  std::mutex mutex;
  std::set<std::uint16_t> of_others;
  std::ofstream file;
};

Log& log() {
  static Log log;
  return log;
}

const char* log_path() { return std::getenv("PAYLINK_EXCHANGES"); }

void append_text(std::string& line, std::string_view name, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  line.append(line.empty() ? "{\"" : ",\"").append(name).append("\":\"");
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\')
      line += c;
    else
      (line.append("\\u00") += digits[byte >> 4]) += digits[byte & 15];
  }
  line += '"';
}

struct Sent {
  std::string method;
  std::string target;
  std::string head;
  std::string body;
};

// Where the body that begins at `begin` ends: after its length, after its last chunk, or where the bytes end.
std::size_t end_of_body(const std::string& bytes, std::size_t begin, const Answer& as_fields) {
  if (!as_fields.field("Transfer-Encoding").empty()) {
    const std::size_t last = bytes.find("0\r\n\r\n", begin);
    return last == std::string::npos ? bytes.size() : last + 5;
  }
  const auto length = std::strtoul(as_fields.field("Content-Length").c_str(), nullptr, 10);
  return std::min(bytes.size(), begin + length);
}

Sent take_request(std::string& bytes) {
  Sent sent;
  const std::size_t end = bytes.find("\r\n\r\n"), line_end = bytes.find("\r\n");
  const std::size_t first = bytes.find(' '), second = first == std::string::npos ? first : bytes.find(' ', first + 1);
  if (end == std::string::npos || second == std::string::npos || second > line_end) {
    sent.body.swap(bytes);
    return sent;
  }
  sent.method = bytes.substr(0, first);
  sent.target = bytes.substr(first + 1, second - first - 1);
  sent.head = bytes.substr(0, end + 2);
  const std::size_t body_end = end_of_body(bytes, end + 4, Answer{0, sent.head, {}});
  sent.body = bytes.substr(end + 4, body_end - end - 4);
  bytes.erase(0, body_end);
  return sent;
}

}  // namespace

void never_record(std::uint16_t port) {
  const std::lock_guard guard(log().mutex);
  log().of_others.insert(port);
}

void record(std::uint16_t port) {
  const std::lock_guard guard(log().mutex);
  log().of_others.erase(port);
}

void Recorder::sent(std::string_view bytes) {
  if (log_path() != nullptr) sent_ += bytes;
}

void Recorder::received(const Answer& answer) {
  if (log_path() == nullptr) return;
  const Sent request = take_request(sent_);
  const std::lock_guard guard(log().mutex);
  if (log().of_others.contains(port_)) return;
  std::string line;
  append_text(line, "method", request.method);
  append_text(line, "target", request.target);
  append_text(line, "head", request.head);
  append_text(line, "body", request.body);
  append_text(line, "answer_head", answer.head);
  append_text(line, "answer_body", answer.body);
  line += ",\"status\":" + std::to_string(answer.status) + "}\n";
  if (!log().file.is_open()) log().file.open(log_path(), std::ios::binary | std::ios::app);
  log().file << line << std::flush;
}

}  // namespace paylink::scenario
