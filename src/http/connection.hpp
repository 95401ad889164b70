#pragma once

#include <span>
#include <string>

#include "http/loop.hpp"
#include "http/request_reader.hpp"
#include "http/response_writer.hpp"
#include "http/server.hpp"

namespace paylink::http {

// One connection's life: read a request, hand it over, write the answer, again. Lives on the thread of its loop, which
// tells it what has happened to the socket; only `respond` may come from elsewhere.
class Connection : public Exchange {
 public:
  // `descriptor` is a non-blocking socket, closed by `close_socket`. `peer` is its numeric address.
  Connection(LoopContext& loop, Completions& completions, int descriptor, std::string peer);
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Request& request() const override { return request_; }
  void note(std::uint32_t note) noexcept override { request_.note = note; }
  bool has_room() noexcept override;
  void respond(Response response) noexcept override;
  void respond_on_loop(std::function<Response()> make) noexcept override;
  void continue_on_loop(std::function<void()> step) noexcept override;
  int take_over() noexcept override;

  void begin(Moment now);
  void on_read(std::size_t bytes);  // 0: the peer has closed, or the connection is broken
  void on_writable();
  void resume();       // asked for by `resume_later`
  void send_output();  // asked for by `send_later`, and then
  void read_on();
  void answer(Response response);  // what `respond` was given on another thread, or was held back
  void sweep(Moment now);          // closes what has taken too long
  void drain();                    // the loop is stopping: closes unless something is under way
  void give_way();                 // the longest idle of too many: closes
  // What it costs to wait for this peer: the bytes it makes us hold, times the milliseconds
  // since it has last taken some.
  std::uint64_t burden(Moment now) const;
  void close();

  bool is_answered() const { return phase_ != Phase::handling && !is_orphan_; }

 protected:
  enum class Activity : std::uint8_t { idle, busy };

  // What the loop does for a connection. A read ends in `on_read` and a wait in `on_writable`, on a fresh stack; once
  // the connection is closed neither is called.
  virtual void start_read(std::span<char> space) = 0;
  virtual void await_writable() = 0;
  virtual void resume_later() = 0;  // `resume`, on a fresh stack
  // `send_output` and `read_on`, when all that is ready now has been dealt with.
  virtual void send_later() = 0;
  virtual void shed_later() = 0;  // all connections together hold too much: closes some, on a fresh stack
  virtual void shed_now() = 0;    // the same at once: never this one while its request is handled
  virtual void hold_back(Response response, Moment until) = 0;  // `answer`, then
  virtual void close_socket() = 0;
  virtual int release_socket() = 0;  // in place of `close_socket`: it is not closed but given away; or -1
  virtual void set_activity(Activity activity) = 0;
  // Destroys the connection if it is closed and nothing refers to it any more.
  virtual void release_when_unused() = 0;
  virtual bool is_loop_thread() const = 0;
  virtual std::span<char> discarded() = 0;  // memory that nobody reads

  bool is_closed() const { return phase_ == Phase::closed; }

 private:
  enum class Phase : std::uint8_t {
    idle,  // between requests
    head,
    body,
    handling,   // the handler owes an answer
    sending,    // the answer is not written yet, and nothing else happens
    lingering,  // all is sent and half closed: what still arrives is dropped, so that the peer can read the answer
    closed,
  };

  void process();
  bool serve();  // the complete request; true: answered and on to the next one
  bool is_retired() const;
  void await_more(RequestReader::State state);
  void refuse(const Refusal& refusal);
  void name_request();
  Response no_room();
  void write_answer(Response response);
  bool after_answer();  // true: on to the next request
  bool flush();         // true: everything is sent
  std::string_view unsent() const;
  void await_peer(std::size_t sent_before);
  void release_body(std::size_t begin, std::size_t end);
  void take_spare_output();
  void forget_output();
  void count_held();
  void linger();
  bool is_too_slow(Moment now) const;
  bool is_write_stuck(Moment now) const;

  const Limits& limits() const { return loop_.server.options.limits; }

  LoopContext& loop_;
  Completions& completions_;
  RequestReader reader_;
  Request& request_;
  const int descriptor_;
  Phase phase_ = Phase::idle;
  bool is_orphan_ = false;          // closed while the handler owes an answer
  bool is_inside_handler_ = false;  // `handle` is on the stack
  bool is_held_back_ = false;       // the answer is there, and is given later
  bool is_last_answer_ = false;     // close after it
  bool is_reading_ = false;
  bool is_awaiting_writable_ = false;
  Moment since_{};           // the beginning of the phase
  Moment write_blocked_{};   // the first time the peer did not read this output; or never
  Moment write_advanced_{};  // the last time
  std::string output_;
  std::string body_;        // of the last answer in `output_`, when it is large; sent after it
  std::size_t sent_ = 0;    // of both
  std::size_t held_ = 0;    // as counted in the server's sum
  std::size_t coming_ = 0;  // counted there as well: a large answer on its way to this thread
  const std::string peer_;
  char trace_id_[TraceIds::size];
};

}  // namespace paylink::http
