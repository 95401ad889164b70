// A load generator that costs little, so that a server and its load can share two cores: one thread, one epoll,
// keep-alive connections with one request under way on each, request bytes built before the run. Every peer is driven
// by it alike.
//
//   load --port 8080 --authorization KEY (--body FILE | --paths FILE) [--path PATH] [--connections 64]
//        (--seconds 4 [--warmup 1] | --requests 20000) [--save-ids FILE] [--watch PID]... [--watch-family PID]
//        [--status 404] [--retry-after 1000] [--order given] [--follow cursor] [--patience 10] [--pause 20]
//
// With --body it POSTs that file to --path; with --paths it GETs the lines of that file, shuffled unless their order is
// the given one, in turn; with --follow it goes on from a list's page to the one its `next_cursor` leads to, and from
// the last to the first. With --pause each connection rests so many milliseconds after an answer. Prints one JSON
// object, in which what the first and the last tenth of the answers took shows whether a walk becomes slower; fails
// when an answer was not 2xx (or of --status) or a connection broke. With --retry-after a 503 is none of these: that
// connection waits so many milliseconds, and goes on. What the processes named by --watch used is told together; what
// one used with its children, those that have come and gone too, is told apart from them.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "process_usage.hpp"

namespace paylink::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& sentence) {
  std::fprintf(stderr, "load: %s\n", sentence.c_str());
  std::exit(1);
}

Clock::duration as_duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

struct Options {
  std::uint16_t port = 0;
  std::string authorization;
  std::string path = "/v2/payment_links";
  std::string body_file;
  std::string paths_file;
  std::string ids_file;
  std::size_t connections = 64;
  double seconds = 4;
  double warmup_seconds = 1;
  std::uint64_t requests = 0;  // 0: as many as fit into the time
  std::vector<std::string> watched_pids;
  std::string watched_family;
  int status = 0;  // of every answer; 0: 2xx
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<std::chrono::milliseconds> pause;
  bool is_shuffled = true;
  bool follows_cursor = false;
  std::chrono::seconds patience{10};
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string_view name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--port")
      options.port = static_cast<std::uint16_t>(std::atoi(value));
    else if (name == "--authorization")
      options.authorization = value;
    else if (name == "--path")
      options.path = value;
    else if (name == "--body")
      options.body_file = value;
    else if (name == "--paths")
      options.paths_file = value;
    else if (name == "--save-ids")
      options.ids_file = value;
    else if (name == "--connections")
      options.connections = std::strtoul(value, nullptr, 10);
    else if (name == "--seconds")
      options.seconds = std::strtod(value, nullptr);
    else if (name == "--warmup")
      options.warmup_seconds = std::strtod(value, nullptr);
    else if (name == "--requests")
      options.requests = std::strtoull(value, nullptr, 10);
    else if (name == "--status")
      options.status = std::atoi(value);
    else if (name == "--retry-after")
      options.retry_after = std::chrono::milliseconds(std::atoi(value));
    else if (name == "--pause")
      options.pause = std::chrono::milliseconds(std::atoi(value));
    else if (name == "--order")
      options.is_shuffled = std::string_view(value) != "given";
    else if (name == "--follow")
      options.follows_cursor = std::string_view(value) == "cursor";
    else if (name == "--patience")
      options.patience = std::chrono::seconds(std::atoi(value));
    else if (name == "--watch")
      options.watched_pids.emplace_back(value);
    else if (name == "--watch-family")
      options.watched_family = value;
    else
      die("unknown option " + std::string(name));
  }
  if (argc % 2 == 0) die("every option takes a value");
  if (options.port == 0 || options.body_file.empty() == options.paths_file.empty())
    die("--port and one of --body and --paths are needed");
  if (options.pause && options.retry_after) die("connections wait for one reason: --pause or --retry-after");
  if (options.follows_cursor && options.connections != 1) die("one connection alone can follow a cursor");
  return options;
}

std::string fields_of(const Options& options) {
  return "Host: 127.0.0.1:" + std::to_string(options.port) + "\r\nAuthorization: " + options.authorization + "\r\n";
}

std::string build_get(const Options& options, const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\n" + fields_of(options) + "\r\n";
}

std::vector<std::string> build_requests(const Options& options) {
  if (!options.body_file.empty()) {
    const auto body = read_all(options.body_file);
    return {"POST " + options.path + " HTTP/1.1\r\n" + fields_of(options) +
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
  }
  std::vector<std::string> requests;
  std::istringstream paths(read_all(options.paths_file));
  for (std::string path; std::getline(paths, path);) requests.push_back(build_get(options, path));
  if (requests.empty()) die(options.paths_file + " names no path");
  // Neighbours in time are not neighbours on disk.
  if (options.is_shuffled) std::shuffle(requests.begin(), requests.end(), std::mt19937_64(1));
  return requests;
}

struct Connection {
  int socket = -1;
  Clock::time_point sent;
  std::size_t received = 0;
  std::array<char, 128 * 1024> bytes;
};

struct Answer {
  int status = 0;
  std::size_t size = 0;  // head and body; 0 while bytes are missing
  std::string_view body;
};

// Enough of HTTP/1.1 for servers that answer with Content-Length.
Answer parse_answer(std::string_view bytes) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return {};
  const auto head = bytes.substr(0, head_end + 2);
  Answer answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  for (auto line = head.find("\r\n"); line + 2 < head.size(); line = head.find("\r\n", line + 2)) {
    constexpr std::string_view name = "content-length:";
    const auto field = head.substr(line + 2);
    if (field.size() <= name.size() || strncasecmp(field.data(), name.data(), name.size()) != 0) continue;
    std::size_t length = 0;
    const auto* digits = field.data() + name.size();
    while (*digits == ' ') ++digits;
    std::from_chars(digits, head.data() + head.size(), length);
    if (bytes.size() < head_end + 4 + length) return {};
    answer.size = head_end + 4 + length;
    answer.body = bytes.substr(head_end + 4, length);
    return answer;
  }
  die("an answer without Content-Length:\n" + std::string(head));
}

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), requests_(build_requests(options)), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    latencies_us_.reserve(1 << 20);
    if (!options.ids_file.empty()) ids_ = std::fopen(options.ids_file.c_str(), "w");
  }

  void run() {
    measured_from_ = Clock::now();
    for (std::size_t index = 0; index < options_.connections; ++index) {
      connections_.push_back(std::make_unique<Connection>());
      open(*connections_.back());
    }
    if (options_.requests == 0) {
      turn_until(Clock::now() + as_duration(options_.warmup_seconds));
      start_measuring();
      turn_until(Clock::now() + as_duration(options_.seconds));
    } else {
      start_measuring();
      turn_until(Clock::now() + std::chrono::minutes(5));
    }
    if (ids_) std::fclose(ids_);
  }

  // False when something else than was expected came back.
  bool report() {
    const std::chrono::duration<double> taken = Clock::now() - measured_from_;
    const auto usage = process_usage(options_.watched_pids);
    const auto family_seconds = family_cpu_seconds(options_.watched_family) - start_family_cpu_seconds_;
    const auto cpu_seconds = usage.cpu_seconds - start_usage_.cpu_seconds;
    const auto count = latencies_us_.size();
    const auto tenth = (count + 9) / 10;
    const auto first_tenth_us = median_us(0, tenth), last_tenth_us = median_us(count - tenth, count);
    std::printf(
        "{\"requests\":%zu,\"seconds\":%.3f,\"per_second\":%.1f,\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,"
        "\"unexpected\":%llu,"
        "\"refused\":%llu,\"broken_connections\":%llu,\"cpu_seconds\":%.2f,\"family_cpu_seconds\":%.2f,"
        "\"per_cpu_second\":%.1f,"
        "\"resident_kib\":%lld,\"resident_max_kib\":%lld,\"own_kib\":%lld,\"answer_bytes\":%zu,\"body_bytes\":%zu,"
        "\"first_tenth_p50_us\":%u,\"last_tenth_p50_us\":%u}\n",
        count, taken.count(), static_cast<double>(count) / taken.count(), percentile_us(0.5), percentile_us(0.99),
        percentile_us(1), static_cast<unsigned long long>(unexpected_), static_cast<unsigned long long>(refused_),
        static_cast<unsigned long long>(broken_), cpu_seconds, family_seconds,
        cpu_seconds > 0 ? static_cast<double>(count) / cpu_seconds : 0.0, static_cast<long long>(usage.resident_kib),
        static_cast<long long>(usage.resident_max_kib), static_cast<long long>(usage.own_kib), answer_bytes_,
        body_bytes_, first_tenth_us, last_tenth_us);
    return unexpected_ == 0 && broken_ == 0 && count > 0;
  }

 private:
  void start_measuring() {
    latencies_us_.clear();
    refused_ = 0;
    start_usage_ = process_usage(options_.watched_pids);
    start_family_cpu_seconds_ = family_cpu_seconds(options_.watched_family);
    measured_from_ = Clock::now();
  }

  std::uint32_t percentile_us(double share) {
    if (latencies_us_.empty()) return 0;
    const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies_us_.size() - 1));
    std::nth_element(latencies_us_.begin(), latencies_us_.begin() + rank, latencies_us_.end());
    return latencies_us_[static_cast<std::size_t>(rank)];
  }

  // Of the answers from the one to before the other, in the order in which they came.
  std::uint32_t median_us(std::size_t from, std::size_t to) const {
    std::vector<std::uint32_t> some(latencies_us_.begin() + static_cast<std::ptrdiff_t>(from),
                                    latencies_us_.begin() + static_cast<std::ptrdiff_t>(to));
    std::ranges::sort(some);
    return some.empty() ? 0 : some[some.size() / 2];
  }

  void open(Connection& connection) {
    connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      die("cannot connect to port " + std::to_string(options_.port) + ": " + std::strerror(errno));
    const int on = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
    connection.received = 0;
    send_next(connection);
  }

  void send_next(Connection& connection) {
    if (options_.requests != 0 && sent_ == options_.requests) return;
    const auto& request = next_.empty() ? requests_[sent_ % requests_.size()] : next_;
    ++sent_;
    connection.sent = Clock::now();
    ++under_way_;
    // The socket is idle and its buffer far larger than a request, so this does not block.
    if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      die(std::string("cannot send a request: ") + std::strerror(errno));
  }

  void turn_until(Clock::time_point end) {
    std::array<epoll_event, 64> events;
    auto last_progress = Clock::now();
    while (under_way_ > 0 || !waiting_.empty()) {
      const int ready = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), waiting_.empty() ? 100 : 1);
      const auto now = Clock::now();
      for (; !waiting_.empty() && waiting_.front().first <= now; waiting_.pop_front())
        send_next(*waiting_.front().second);
      for (int index = 0; index < ready; ++index)
        receive(*static_cast<Connection*>(events[static_cast<std::size_t>(index)].data.ptr));
      if (now >= end) return;
      if (ready > 0) last_progress = now;
      if (now - last_progress > options_.patience)
        die("no answer for " + std::to_string(options_.patience.count()) + " seconds");
    }
  }

  void receive(Connection& connection) {
    const auto room = connection.bytes.size() - connection.received;
    const auto size = recv(connection.socket, connection.bytes.data() + connection.received, room, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return reopen(connection);
    connection.received += static_cast<std::size_t>(size);
    const auto answer = parse_answer({connection.bytes.data(), connection.received});
    if (answer.size == 0) {
      if (connection.received == connection.bytes.size()) die("an answer above 128 KiB");
      return;
    }
    if (answer.size != connection.received) die("bytes after an answer");
    connection.received = 0;
    if (options_.retry_after && answer.status == 503) {
      ++refused_;
      --under_way_;
      waiting_.emplace_back(Clock::now() + *options_.retry_after, &connection);
      return;
    }
    take(connection, answer);
    if (options_.pause)
      waiting_.emplace_back(Clock::now() + *options_.pause, &connection);
    else
      send_next(connection);
  }

  void take(const Connection& connection, const Answer& answer) {
    --under_way_;
    const bool is_expected =
        options_.status == 0 ? answer.status >= 200 && answer.status <= 299 : answer.status == options_.status;
    if (!is_expected) {
      if (unexpected_++ == 0)
        std::fprintf(stderr, "load: first refusal: %d %.*s\n", answer.status, static_cast<int>(answer.body.size()),
                     answer.body.data());
      return;
    }
    latencies_us_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - connection.sent).count()));
    answer_bytes_ = answer.size;
    body_bytes_ = answer.body.size();
    if (ids_) save_id(answer.body);
    if (options_.follows_cursor) follow(answer.body);
  }

  // What is empty then begins from the first path.
  void follow(std::string_view body) {
    next_.clear();
    constexpr std::string_view member = "\"next_cursor\":\"";
    const auto at = body.rfind(member);
    if (at == std::string_view::npos) return;
    const auto from = at + member.size();
    const auto cursor = std::string(body.substr(from, body.find('"', from) - from));
    const std::string& first = requests_.front();
    const auto path = first.substr(4, first.find(' ', 4) - 4);
    const auto given = path.find("cursor=");
    if (given == std::string::npos) die("a path whose answer has a cursor, and which asks for none");
    next_ = build_get(options_,
                      path.substr(0, given + 7) + cursor + path.substr(std::min(path.find('&', given), path.size())));
  }

  void save_id(std::string_view body) {
    constexpr std::string_view member = "\"id\":\"";
    const auto at = body.find(member);
    if (at == std::string_view::npos) die("a created link without an id");
    std::fprintf(ids_, "%.*s\n", 36, body.data() + at + member.size());
  }

  void reopen(Connection& connection) {
    ++broken_;
    --under_way_;
    close(connection.socket);
    open(connection);
  }

  const Options options_;
  const std::vector<std::string> requests_;
  const int poll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<std::pair<Clock::time_point, Connection*>> waiting_;  // the next one first
  std::string next_;  // instead of the requests, where a cursor is followed
  std::FILE* ids_ = nullptr;
  std::uint64_t sent_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint64_t unexpected_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t broken_ = 0;
  std::size_t answer_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  std::vector<std::uint32_t> latencies_us_;
  ProcessUsage start_usage_;
  double start_family_cpu_seconds_ = 0;
  Clock::time_point measured_from_;
};

}  // namespace
}  // namespace paylink::bench

int main(int argc, char** argv) {
  paylink::bench::Load load(paylink::bench::parse_options(argc, argv));
  load.run();
  return load.report() ? 0 : 1;
}
