// What one noisy client does to the others. Quiet clients (127.0.0.1 and up) send GETs at a fixed rate, whether or not
// the last one has been answered: a request's time begins when it was due, so a server that stalls cannot hide it. A
// noisy client (127.0.1.1) has 64 connections and asks again as soon as it is answered, whatever the answer.
//
//   fairness --port 8080 --authorization KEY --path /v2/organization [--seconds 10] [--quiet-clients 10]
//            [--quiet-rate 80] [--noisy-connections 64] [--noisy-path /v2/payment_links]
//
// `quiet-rate` is of each client and second. Prints one JSON object: times in microseconds, and how the noisy client
// was answered. With --noisy-connections 0 the quiet are alone. Fails when a quiet request was not answered with 200.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace paylink::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& sentence) {
  std::fprintf(stderr, "fairness: %s\n", sentence.c_str());
  std::exit(1);
}

struct Options {
  int port = 0;
  std::string authorization;
  std::string path = "/v2/payment_links";
  int seconds = 10;
  int quiet_clients = 10;
  int quiet_rate = 80;
  int noisy_connections = 64;
  std::string noisy_path;  // empty: what the quiet ask for
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--port")
      options.port = std::atoi(value.c_str());
    else if (name == "--authorization")
      options.authorization = value;
    else if (name == "--path")
      options.path = value;
    else if (name == "--seconds")
      options.seconds = std::atoi(value.c_str());
    else if (name == "--quiet-clients")
      options.quiet_clients = std::atoi(value.c_str());
    else if (name == "--quiet-rate")
      options.quiet_rate = std::atoi(value.c_str());
    else if (name == "--noisy-connections")
      options.noisy_connections = std::atoi(value.c_str());
    else if (name == "--noisy-path")
      options.noisy_path = value;
    else
      die("there is no option " + std::string(name));
  }
  if (options.port == 0 || options.quiet_rate <= 0 || options.quiet_clients <= 0) die("--port is needed, and rates");
  return options;
}

// One keep-alive connection from an address of this machine; every wait ends after ten seconds.
class Connection {
 public:
  Connection(const std::string& from, int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from.c_str(), &address.sin_addr);
    const timeval patience{10, 0};
    const int on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("cannot use " + from);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("cannot connect");
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(socket_); }

  // The status of the answer; 0 when there was none.
  int ask(std::string_view request) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return 0;
    std::string head;
    std::array<char, 16 * 1024> part;
    std::size_t end = std::string::npos;
    while (end == std::string::npos) {
      const ssize_t received = ::recv(socket_, part.data(), part.size(), 0);
      if (received <= 0) return 0;
      head.append(part.data(), static_cast<std::size_t>(received));
      end = head.find("\r\n\r\n");
    }
    const std::size_t length = head.find("Content-Length: ");
    if (length > end) die("an answer without Content-Length");
    // A large body is not kept: to make room for it would keep the other threads of this process waiting.
    std::size_t left = std::strtoul(head.c_str() + length + 16, nullptr, 10) - (head.size() - end - 4);
    while (left > 0) {
      const ssize_t received = ::recv(socket_, part.data(), std::min(part.size(), left), 0);
      if (received <= 0) return 0;
      left -= static_cast<std::size_t>(received);
    }
    return std::atoi(head.c_str() + 9);
  }

 private:
  int socket_;
};

struct Outcome {
  std::mutex mutex;
  std::vector<std::int64_t> microseconds;
  std::map<int, int> noisy;  // answers by status
};

void be_quiet(const Options& options, const std::string& request, int number, Clock::time_point begin,
              Outcome& outcome) {
  Connection connection("127.0.0." + std::to_string(number + 1), options.port);
  const auto period = std::chrono::nanoseconds(std::chrono::seconds(1)) / options.quiet_rate;
  const auto offset = period * number / options.quiet_clients;  // not all at one moment
  // The noisy client's threads are not to delay these: elsewhere it would be another machine.
  const sched_param first{.sched_priority = 1};
  (void)::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &first);  // needs to be root; else as good as it gets
  std::vector<std::int64_t> times;
  for (int i = 0; i < options.seconds * options.quiet_rate; ++i) {
    const auto due = begin + offset + i * period;
    std::this_thread::sleep_until(due);
    if (const int status = connection.ask(request); status != 200)
      die("a quiet client was answered with " + std::to_string(status));
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - due).count());
  }
  const std::lock_guard lock(outcome.mutex);
  outcome.microseconds.insert(outcome.microseconds.end(), times.begin(), times.end());
}

void be_noisy(const Options& options, const std::string& request, Clock::time_point end, Outcome& outcome) {
  Connection connection("127.0.1.1", options.port);
  std::map<int, int> answers;
  while (Clock::now() < end) ++answers[connection.ask(request)];
  const std::lock_guard lock(outcome.mutex);
  for (const auto& [status, count] : answers) outcome.noisy[status] += count;
}

int run(const Options& options) {
  const auto get = [&](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: " + options.authorization + "\r\n\r\n";
  };
  const std::string request = get(options.path);
  const std::string noise = get(options.noisy_path.empty() ? options.path : options.noisy_path);
  Outcome outcome;
  {
    const auto begin = Clock::now() + std::chrono::milliseconds(100);
    std::vector<std::jthread> threads;
    for (int i = 0; i < options.quiet_clients; ++i)
      threads.emplace_back([&, i] { be_quiet(options, request, i, begin, outcome); });
    // The flood is there before and after everything that is measured.
    const auto end = begin + std::chrono::seconds(options.seconds);
    for (int i = 0; i < options.noisy_connections; ++i)
      threads.emplace_back([&] { be_noisy(options, noise, end, outcome); });
  }
  auto& times = outcome.microseconds;
  std::ranges::sort(times);
  const auto at = [&](std::size_t per_mille) { return static_cast<long long>(times[times.size() * per_mille / 1000]); };
  std::printf("{\"requests\":%zu,\"p50_us\":%lld,\"p99_us\":%lld,\"p999_us\":%lld,\"noisy_200\":%d,\"noisy_429\":%d}\n",
              times.size(), at(500), at(990), at(999), outcome.noisy[200], outcome.noisy[429]);
  return 0;
}

}  // namespace
}  // namespace paylink::bench

int main(int argc, char** argv) { return paylink::bench::run(paylink::bench::parse_options(argc, argv)); }
