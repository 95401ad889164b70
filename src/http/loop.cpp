#include "http/loop.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <list>
#include <vector>

#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/hosts.hpp"

namespace paylink::http {
namespace {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Protocol = asio::ip::tcp;
using Code = boost::system::error_code;

constexpr int accepts_per_turn = 64;
constexpr std::chrono::milliseconds held_back_tick{20};  // how exact the pause of an answer is

std::string address_of(const sockaddr_storage& address) {
  char spelled[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, spelled, sizeof spelled);
  else
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, spelled, sizeof spelled);
  return canonical_address(spelled).value_or("");
}

class AsioConnection;
using Connections = std::list<AsioConnection>;

class AsioLoop final : public Loop {
 public:
  AsioLoop(ServerContext& server, int listener, Random& random);

  void run() override;
  void stop(Moment deadline) override { completions_.stop_at(deadline); }

 protected:
  Completions& completions() override { return completions_; }
  std::size_t unanswered() const override;

 private:
  friend class AsioConnection;

  void await_connections();
  void accept_connections();
  bool accept_one();
  void admit(int descriptor, std::string peer);
  std::optional<ClientNetwork> counted(const std::string& peer) const;
  bool make_room();
  void shed();
  void await_wake();
  void on_wake();
  void settle_later();
  void await_sweep();
  void on_sweep();
  void await_held_back();
  void answer_held_back(Moment now);
  void begin_draining();
  void close_all();
  void stop_when_empty();
  std::chrono::milliseconds sweep_period() const;

  LoopContext context_;
  Completions completions_;
  // One thread runs it and nobody else touches it, so it needs no locks: wake-ups come through an eventfd of ours.
  asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  asio::basic_socket_acceptor<Protocol, Executor> acceptor_;
  asio::posix::basic_stream_descriptor<Executor> wake_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> timer_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>
      held_back_timer_;
  std::uint64_t wake_count_ = 0;
  bool is_accepting_ = false;     // a wait for connections is under way
  bool is_shedding_ = false;      // connections that hold too much will be closed
  bool is_settling_ = false;      // the handler will be told when what is ready now has been dealt with
  bool is_holding_back_ = false;  // the timer will look at `held_back_`
  std::vector<Completion> taken_;
  std::optional<Moment> deadline_;
  std::array<char, 64 * 1024> discarded_;
  // Every connection is in one of these; idle ones in the order in which they fell idle.
  Connections idle_;
  Connections busy_;
  Connections closed_;  // until nothing refers to them
  std::vector<AsioConnection*> to_send_;
  std::vector<AsioConnection*> sending_;
  struct HeldBack {
    Moment until;
    AsioConnection* connection;
    Response response;
  };
  std::vector<HeldBack> held_back_;
};

thread_local const AsioLoop* loop_of_this_thread = nullptr;

class AsioConnection final : public Connection {
 public:
  // `counted`: for whom it counts, if for anybody.
  AsioConnection(AsioLoop& loop, int descriptor, std::string peer, std::optional<ClientNetwork> counted)
      : Connection(loop.context_, loop.completions_, descriptor, std::move(peer)),
        loop_(loop),
        socket_(loop.io_),
        counted_(counted) {
    Code ignored;
    socket_.assign(Protocol::v4(), descriptor, ignored);  // the family matters to nothing that is used here
    socket_.native_non_blocking(true, ignored);
  }

  void admitted(Connections::iterator self) {
    self_ = self;
    list_ = &loop_.idle_;
    begin(std::chrono::steady_clock::now());
  }

  void send_now() {
    is_to_send_ = false;
    if (!is_closed()) send_output();
  }

  void read_again() {
    if (ends_operation()) read_on();
    release_when_unused();
  }

  void release_when_unused() override {
    if (!is_closed() || operations_ > 0 || !is_answered()) return;
    list_->erase(self_);  // destroys this
  }

 private:
  void start_read(std::span<char> space) override {
    ++operations_;
    socket_.async_read_some(asio::mutable_buffer(space.data(), space.size()),
                            [this](const Code& error, std::size_t bytes) {
                              loop_.settle_later();
                              if (ends_operation()) on_read(error ? 0 : bytes);
                              release_when_unused();
                            });
  }

  void await_writable() override {
    ++operations_;
    socket_.async_wait(asio::socket_base::wait_write, [this](const Code&) {
      loop_.settle_later();
      if (ends_operation()) on_writable();
      release_when_unused();
    });
  }

  void resume_later() override {
    ++operations_;
    asio::post(loop_.io_, [this] {
      loop_.settle_later();
      if (ends_operation()) resume();
      release_when_unused();
    });
  }

  void send_later() override {
    if (is_to_send_) return;
    is_to_send_ = true;
    ++operations_;
    loop_.to_send_.push_back(this);
    loop_.settle_later();
  }

  void shed_later() override {
    if (std::exchange(loop_.is_shedding_, true)) return;
    asio::post(loop_.io_, [&loop = loop_] { loop.shed(); });
  }

  void shed_now() override { loop_.shed(); }

  void close_socket() override {
    Code ignored;
    socket_.close(ignored);
    leave();
  }

  int release_socket() override {
    Code error;
    const int socket = socket_.release(error);
    if (error) return -1;
    leave();
    return socket;
  }

  void hold_back(Response response, Moment until) override {
    loop_.held_back_.push_back({until, this, std::move(response)});
    loop_.await_held_back();
  }

  void set_activity(Activity activity) override { move_to(activity == Activity::idle ? loop_.idle_ : loop_.busy_); }
  bool is_loop_thread() const override { return loop_of_this_thread == &loop_; }
  std::span<char> discarded() override { return loop_.discarded_; }

  bool ends_operation() {
    --operations_;
    return !is_closed();
  }

  void leave() {
    move_to(loop_.closed_);
    loop_.context_.server.connections.fetch_sub(1, std::memory_order_relaxed);
    if (counted_) loop_.context_.server.peers.leave(*counted_);
  }

  void move_to(Connections& list) {
    if (list_ == &list) return;
    list.splice(list.end(), *list_, self_);
    list_ = &list;
  }

  AsioLoop& loop_;
  asio::basic_stream_socket<Protocol, Executor> socket_;
  Connections::iterator self_{};
  Connections* list_ = nullptr;
  const std::optional<ClientNetwork> counted_;
  int operations_ = 0;  // of the loop, that will still call back
  bool is_to_send_ = false;
};

AsioLoop::AsioLoop(ServerContext& server, int listener, Random& random)
    : context_(server, random),
      acceptor_(io_, Protocol::v4(), listener),
      wake_(io_, ::dup(completions_.wake_descriptor())),
      timer_(io_),
      held_back_timer_(io_) {}

void AsioLoop::run() {
  loop_of_this_thread = this;
  await_connections();
  await_wake();
  await_sweep();
  io_.run();
  loop_of_this_thread = nullptr;
}

std::size_t AsioLoop::unanswered() const {
  const auto owes = [](const AsioConnection& connection) { return !connection.is_answered(); };
  return static_cast<std::size_t>(std::ranges::count_if(busy_, owes) + std::ranges::count_if(closed_, owes));
}

// What is posted runs after everything that was ready at the same moment.
void AsioLoop::settle_later() {
  if (is_settling_) return;
  is_settling_ = true;
  asio::post(io_, [this] {
    is_settling_ = false;
    sending_.swap(to_send_);
    for (AsioConnection* connection : sending_) connection->send_now();
    for (AsioConnection* connection : sending_) connection->read_again();
    sending_.clear();
    context_.server.handler.settled();
  });
}

void AsioLoop::await_connections() {
  if (is_accepting_ || !acceptor_.is_open()) return;
  is_accepting_ = true;
  acceptor_.async_wait(asio::socket_base::wait_read, [this](const Code& error) {
    is_accepting_ = false;
    if (error || !acceptor_.is_open()) return;
    accept_connections();
  });
}

void AsioLoop::accept_connections() {
  for (int i = 0; i < accepts_per_turn; ++i)
    if (!accept_one()) return;  // `accept_one` has said when to go on
  await_connections();
}

bool AsioLoop::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const int descriptor =
      ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    admit(descriptor, address_of(address));
    return true;
  }
  switch (errno) {
    case EINTR:
    case ECONNABORTED:
      return true;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      if (make_room()) return true;
      LOG(warn, "cannot_accept", {"errno", std::int64_t{errno}});
      return false;  // the next sweep tries again
    default:
      await_connections();
      return false;
  }
}

void AsioLoop::admit(int descriptor, std::string peer) {
  ServerContext& server = context_.server;
  const Limits& limits = server.options.limits;
  const auto client = counted(peer);
  if (client && !server.peers.enter(*client, limits.connections_per_client)) {
    ::close(descriptor);
    return;
  }
  if (server.connections.fetch_add(1, std::memory_order_relaxed) >= limits.connections && !make_room()) {
    server.connections.fetch_sub(1, std::memory_order_relaxed);
    if (client) server.peers.leave(*client);
    ::close(descriptor);
    return;
  }
  idle_.emplace_back(*this, descriptor, std::move(peer), client);
  const auto self = std::prev(idle_.end());
  self->admitted(self);
}

// For whom a connection from `peer` counts.
std::optional<ClientNetwork> AsioLoop::counted(const std::string& peer) const {
  const Options& options = context_.server.options;
  if (std::ranges::find(options.trusted_proxies, peer) != options.trusted_proxies.end()) return std::nullopt;
  const auto client = ClientNetwork::of(peer);
  if (options.loopback == Loopback::exempt && client.is_loopback()) return std::nullopt;
  return client;
}

// Closes the connection that has been idle longest.
bool AsioLoop::make_room() {
  if (idle_.empty()) return false;
  AsioConnection& longest = idle_.front();
  longest.give_way();
  longest.release_when_unused();
  return true;
}

// Answers that are held back are given at once: their requests wait for us. Then those are closed that cost most, until
// what this loop's connections hold is its share or all hold little enough.
void AsioLoop::shed() {
  is_shedding_ = false;
  if (context_.held.is_too_much()) answer_held_back(Moment::max());
  if (!context_.held.is_too_much()) return;
  const Moment now = std::chrono::steady_clock::now();
  std::vector<std::pair<std::uint64_t, AsioConnection*>> heaviest;
  for (Connections* list : {&busy_, &idle_})
    for (AsioConnection& connection : *list)
      if (const std::uint64_t burden = connection.burden(now); burden > 0) heaviest.emplace_back(burden, &connection);
  std::ranges::make_heap(heaviest);
  std::int64_t closed = 0;
  for (; context_.held.is_too_much() && !heaviest.empty(); ++closed) {
    std::ranges::pop_heap(heaviest);
    AsioConnection& connection = *heaviest.back().second;
    heaviest.pop_back();
    connection.close();
    connection.release_when_unused();
  }
  if (closed > 0) LOG(warn, "connections_shed", {"closed", closed});
}

void AsioLoop::await_wake() {
  wake_.async_read_some(asio::mutable_buffer(&wake_count_, sizeof wake_count_), [this](const Code& error, std::size_t) {
    if (error) return;
    on_wake();
    await_wake();
  });
}

void AsioLoop::on_wake() {
  std::optional<Moment> stop_at;
  completions_.take(taken_, stop_at);
  for (Completion& completion : taken_) {
    if (completion.step)
      completion.step();
    else
      completion.connection->answer(completion.make ? completion.make() : std::move(completion.response));
  }
  if (stop_at) deadline_ = stop_at;
  if (stop_at && !context_.is_draining) begin_draining();
  stop_when_empty();
}

std::chrono::milliseconds AsioLoop::sweep_period() const {
  const Limits& limits = context_.server.options.limits;
  const auto shortest = std::min({limits.head_time, limits.idle_time, limits.write_time});
  const auto longest = std::chrono::milliseconds(context_.is_draining ? 20 : 500);
  return std::clamp(shortest / 8, std::chrono::milliseconds(10), longest);
}

void AsioLoop::await_sweep() {
  timer_.expires_after(sweep_period());
  timer_.async_wait([this](const Code& error) {
    if (error) return;
    on_sweep();
    await_sweep();
  });
}

void AsioLoop::on_sweep() {
  const Moment now = std::chrono::steady_clock::now();
  for (Connections* list : {&busy_, &idle_}) {
    for (auto at = list->begin(); at != list->end();) {
      AsioConnection& connection = *at++;
      connection.sweep(now);
      if (context_.is_draining) connection.drain();
      connection.release_when_unused();
    }
  }
  shed();
  if (deadline_ && now >= *deadline_) close_all();
  stop_when_empty();
  await_connections();
}

void AsioLoop::await_held_back() {
  if (is_holding_back_) return;
  is_holding_back_ = true;
  held_back_timer_.expires_after(held_back_tick);
  held_back_timer_.async_wait([this](const Code&) {
    is_holding_back_ = false;
    answer_held_back(std::chrono::steady_clock::now());
    if (!held_back_.empty()) await_held_back();
  });
}

// Answers that have waited until `now`. Each may be followed by a request whose answer is held back in its turn.
void AsioLoop::answer_held_back(Moment now) {
  const auto due = std::ranges::partition(held_back_, [&](const HeldBack& held) { return held.until > now; });
  std::vector<HeldBack> ready(std::move_iterator(due.begin()), std::move_iterator(due.end()));
  held_back_.erase(due.begin(), due.end());
  for (HeldBack& held : ready) held.connection->answer(std::move(held.response));
}

void AsioLoop::begin_draining() {
  // Who has connected by now is served.
  while (accept_one()) continue;
  Code ignored;
  acceptor_.close(ignored);
  context_.is_draining = true;
  answer_held_back(Moment::max());
  // What has just been read for a connection waits in the queue, and comes before this.
  asio::post(io_, [this] { on_sweep(); });
  timer_.cancel();
  await_sweep();
}

void AsioLoop::close_all() {
  for (Connections* list : {&busy_, &idle_}) {
    while (!list->empty()) {
      AsioConnection& connection = list->front();
      connection.close();
      connection.release_when_unused();
    }
  }
}

void AsioLoop::stop_when_empty() {
  if (context_.is_draining && busy_.empty() && idle_.empty()) io_.stop();
}

}  // namespace

std::unique_ptr<Loop> Loop::create(ServerContext& server, int listener, Random& random) {
  return std::make_unique<AsioLoop>(server, listener, random);
}

void Loop::abandon(std::unique_ptr<Loop> loop) {
  Completions& completions = loop->completions();
  const std::size_t unanswered = loop->unanswered();
  Completions::abandon(std::move(loop), completions, unanswered);
}

}  // namespace paylink::http
