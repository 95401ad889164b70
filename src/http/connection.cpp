#include "http/connection.hpp"

#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/ensure.hpp"
#include "http/hosts.hpp"

namespace paylink::http {
namespace {

constexpr std::size_t output_high = 64 * 1024;  // answers to pipelined requests are sent together up to this
constexpr std::size_t copied_body_max = 64 * 1024;
constexpr std::size_t released_body_min = 1024 * 1024;  // has memory of its own, see main
constexpr std::size_t spare_capacity_max = 16 * 1024;   // what holds more is counted from the beginning
constexpr std::size_t sent_per_turn = 64 * 1024;        // then the other connections have theirs
constexpr std::chrono::milliseconds linger_time{2'000};
constexpr std::chrono::milliseconds linger_time_draining{100};

Moment now() { return std::chrono::steady_clock::now(); }

std::int64_t microseconds_since(Moment from, Moment to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

}  // namespace

Connection::Connection(LoopContext& loop, Completions& completions, int descriptor, std::string peer)
    : loop_(loop),
      completions_(completions),
      reader_(loop.server.options),
      request_(reader_.request()),
      descriptor_(descriptor),
      peer_(std::move(peer)) {}

void Connection::begin(Moment at) {
  since_ = at;
  is_reading_ = true;
  start_read(reader_.space());
}

void Connection::on_read(std::size_t bytes) {
  is_reading_ = false;
  if (bytes == 0) return close();
  if (phase_ == Phase::lingering) {
    is_reading_ = true;
    return start_read(discarded());
  }
  reader_.received(bytes);
  process();
}

void Connection::on_writable() {
  is_awaiting_writable_ = false;
  if (flush() && phase_ == Phase::sending && after_answer()) process();
}

void Connection::resume() {
  if (phase_ == Phase::idle) process();
}

void Connection::send_output() { flush(); }

void Connection::read_on() {
  if (is_reading_ || phase_ == Phase::handling || phase_ == Phase::sending) return;
  is_reading_ = true;
  start_read(reader_.space());
  count_held();
}

// Requests that have arrived, one after the other, until one is incomplete or its answer has to be waited for.
void Connection::process() {
  for (;;) {
    const auto state = reader_.advance();
    if (state == RequestReader::State::refused) return refuse(reader_.refusal());
    if (state != RequestReader::State::complete) return await_more(state);
    if (!serve()) return;
  }
}

void Connection::await_more(RequestReader::State state) {
  if (state == RequestReader::State::idle) {
    if (phase_ != Phase::idle) since_ = now();
    phase_ = Phase::idle;
    set_activity(Activity::idle);
  } else if (const Phase next = state == RequestReader::State::head ? Phase::head : Phase::body; phase_ != next) {
    phase_ = next;
    since_ = now();
    set_activity(Activity::busy);
    if (next == Phase::body && reader_.take_expectation()) output_.append(continue_response);
  }
  if (loop_.is_draining)
    flush();
  else if (!output_.empty() && !is_awaiting_writable_)
    return send_later();
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::idle && loop_.is_draining) return close();
  read_on();
}

bool Connection::serve() {
  since_ = now();
  phase_ = Phase::handling;
  count_held();
  set_activity(Activity::busy);
  name_request();
  request_.client_address = client_address(request_, peer_, loop_.server.options.trusted_proxies);
  is_last_answer_ = !reader_.keep_alive();
  is_inside_handler_ = true;
  if (has_room())
    loop_.server.handler.handle(*this);
  else
    respond(no_room());
  is_inside_handler_ = false;
  if (phase_ == Phase::closed) return false;  // taken over
  if (phase_ != Phase::handling) return after_answer();
  flush();
  return false;
}

bool Connection::has_room() noexcept {
  if (loop_.held.is_too_much() && is_loop_thread()) shed_now();
  return !loop_.held.is_too_much();
}

Response Connection::no_room() {
  const Refusal& refusal = refusals::no_room;
  auto response = loop_.server.handler.refuse(refusal.status, refusal.reason, refusal.message, request_.trace_id);
  response.add_field("Retry-After", "1");
  return response;
}

void Connection::respond(Response response) noexcept {
  if (is_loop_thread()) return answer(std::move(response));
  if (const std::size_t size = response.body.capacity(); size > spare_capacity_max) {
    coming_ = size;
    loop_.held.change(0, size);
  }
  completions_.push({this, std::move(response)});
}

void Connection::respond_on_loop(std::function<Response()> make) noexcept {
  if (!is_loop_thread()) return completions_.push({this, {}, std::move(make)});
  answer(make());
}

void Connection::continue_on_loop(std::function<void()> step) noexcept {
  if (!is_loop_thread()) return completions_.push({this, {}, nullptr, std::move(step)});
  step();
}

int Connection::take_over() noexcept {
  if (!is_loop_thread() || phase_ != Phase::handling || !output_.empty()) return -1;
  const int socket = release_socket();
  if (socket < 0) return -1;
  phase_ = Phase::closed;
  count_held();
  if (!is_inside_handler_) release_when_unused();
  return socket;
}

void Connection::answer(Response response) {
  if (coming_ > 0) loop_.held.change(std::exchange(coming_, 0), 0);
  if (is_orphan_) {
    is_orphan_ = false;
    loop_.server.handler.answered(request_, response.status, microseconds_since(since_, now()));
    return release_when_unused();
  }
  ENSURE(phase_ == Phase::handling);
  is_held_back_ = false;
  if (const auto pause = std::exchange(response.pause, {}); pause > pause.zero() && !loop_.is_draining) {
    is_held_back_ = true;
    count_held();
    // Where there is no room to let him wait, he goes.
    if (!loop_.held.is_too_much()) return hold_back(std::move(response), now() + pause);
    is_held_back_ = false;
    is_last_answer_ = true;
  }
  is_last_answer_ = is_last_answer_ || loop_.is_draining || is_retired();
  write_answer(std::move(response));
  if (is_inside_handler_) return;
  // Never straight on to the next request: whoever answers may be deep inside another one's handler.
  if (after_answer()) {
    if (reader_.has_waiting())
      resume_later();
    else
      await_more(RequestReader::State::idle);
  }
  release_when_unused();
}

bool Connection::is_retired() const {
  return loop_.server.is_retiring.load(std::memory_order_relaxed) && !reader_.has_waiting();
}

void Connection::write_answer(Response response) {
  const Moment at = now();
  take_spare_output();
  const Envelope envelope{loop_.date.at(at), request_.trace_id,
                          is_last_answer_ ? Persistence::close : Persistence::keep_alive};
  write_head(output_, response, envelope);
  if (request_.method == Method::head || !has_body(response.status)) response.body.clear();
  if (response.body.size() <= copied_body_max)
    output_.append(response.body);
  else
    body_ = std::move(response.body);
  loop_.server.handler.answered(request_, response.status, microseconds_since(since_, at));
  phase_ = Phase::sending;
  count_held();
  since_ = at;
}

bool Connection::after_answer() {
  // Answers are sent when everything that is ready now has been answered: the first of them wakes the peers' machine or
  // process, and the others find it awake.
  const bool is_together = !is_last_answer_ && output_.size() <= output_high && body_.empty();
  if (!is_together && !flush()) return false;
  if (is_last_answer_) {
    linger();
    return false;
  }
  reader_.next();
  phase_ = Phase::idle;
  return true;
}

void Connection::refuse(const Refusal& refusal) {
  since_ = now();
  set_activity(Activity::busy);
  name_request();
  request_.client_address = peer_;
  is_last_answer_ = true;
  write_answer(loop_.server.handler.refuse(refusal.status, refusal.reason, refusal.message, request_.trace_id));
  after_answer();
}

void Connection::name_request() {
  loop_.trace_ids.next(trace_id_);
  request_.trace_id = {trace_id_, sizeof trace_id_};
}

bool Connection::flush() {
  if (is_awaiting_writable_) return false;
  const std::size_t sent_before = sent_;
  std::size_t left = sent_per_turn;
  for (std::string_view part = unsent(); !part.empty(); part = unsent()) {
    if (left == 0) {
      await_peer(sent_before);
      return false;
    }
    const int more = sent_ < output_.size() && !body_.empty() ? MSG_MORE : 0;
    const auto sent = ::send(descriptor_, part.data(), std::min(part.size(), left), MSG_NOSIGNAL | MSG_DONTWAIT | more);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
      left -= static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (write_blocked_ == Moment{}) write_blocked_ = now();
      await_peer(sent_before);
      return false;
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  forget_output();
  return true;
}

// What is sent next, as far as it lies in one piece.
std::string_view Connection::unsent() const {
  if (sent_ < output_.size()) return std::string_view(output_).substr(sent_);
  return std::string_view(body_).substr(sent_ - output_.size());
}

// Goes on when the peer has read enough, and others have had their turn.
void Connection::await_peer(std::size_t sent_before) {
  release_body(std::max(sent_before, output_.size()), std::max(sent_, output_.size()));
  write_advanced_ = now();
  is_awaiting_writable_ = true;
  await_writable();
  count_held();
}

// What has been sent of a large body goes back to the system at once. To free all of it at the end would take
// milliseconds, in which nobody else is served.
void Connection::release_body(std::size_t begin, std::size_t end) {
  if (body_.size() < released_body_min) return;
  constexpr std::uintptr_t unit = 64 * 1024;  // a page is no larger
  const auto body = reinterpret_cast<std::uintptr_t>(body_.data());
  const auto first = std::max((body + unit - 1) / unit, (body + begin - output_.size()) / unit) * unit;
  const auto last = (body + end - output_.size()) / unit * unit;
  if (first < last) (void)::madvise(body_.data() + (first - body), last - first, MADV_DONTNEED);
}

// The memory goes back to the loop: idle connections have none, and the next answer writes where the cache is warm.
void Connection::forget_output() {
  output_.clear();
  body_ = std::string();
  sent_ = 0;
  write_blocked_ = {};
  if (output_.capacity() <= spare_capacity_max && loop_.spare_outputs.size() < LoopContext::spare_outputs_max)
    loop_.spare_outputs.push_back(std::move(output_));
  output_ = std::string();
  count_held();
}

// What waits for the peer, or with a refused request until its answer is given, and large answers from the beginning.
// Other requests that are being handled do not count, nor do small answers that are being sent.
void Connection::count_held() {
  std::size_t held = 0;
  const bool is_partial = phase_ == Phase::head || phase_ == Phase::body || phase_ == Phase::lingering;
  if (is_partial || (phase_ == Phase::handling && is_held_back_)) held += reader_.memory();
  const std::size_t output = output_.capacity() + body_.capacity();
  if (phase_ != Phase::closed && (is_awaiting_writable_ || output > spare_capacity_max)) held += output;
  if (held == held_) return;
  const bool is_more = held > held_;
  loop_.held.change(held_, held);
  held_ = held;
  if (is_more && loop_.held.is_too_much()) shed_later();
}

std::uint64_t Connection::burden(Moment at) const {
  if (phase_ == Phase::handling) return 0;  // answered before long
  const Moment from = is_awaiting_writable_ ? write_advanced_ : since_;
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(at - from).count();
  return std::uint64_t{held_} * (1 + static_cast<std::uint64_t>(std::max<std::int64_t>(waited, 0)));
}

void Connection::take_spare_output() {
  if (!output_.empty() || loop_.spare_outputs.empty()) return;
  output_ = std::move(loop_.spare_outputs.back());
  loop_.spare_outputs.pop_back();
}

void Connection::linger() {
  if (::shutdown(descriptor_, SHUT_WR) != 0) return close();
  phase_ = Phase::lingering;
  count_held();
  since_ = now();
  if (is_reading_) return;
  is_reading_ = true;
  start_read(discarded());
}

void Connection::close() {
  if (is_closed()) return;
  is_orphan_ = phase_ == Phase::handling;
  phase_ = Phase::closed;
  output_ = std::string();
  body_ = std::string();
  sent_ = 0;
  count_held();
  close_socket();
}

void Connection::give_way() {
  flush();
  close();
}

void Connection::drain() {
  if (phase_ != Phase::idle || reader_.has_waiting() || !output_.empty()) return;
  char byte;
  // A request that has arrived already is answered.
  if (::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) return;
  close();
}

void Connection::sweep(Moment at) {
  if (is_write_stuck(at)) return close();
  const auto spent = at - since_;
  switch (phase_) {
    case Phase::idle:
      if (spent >= limits().idle_time) close();
      return;
    case Phase::head:
      if (spent >= limits().head_time) refuse(refusals::head_too_slow);
      return;
    case Phase::body:
      if (is_too_slow(at)) refuse(refusals::body_too_slow);
      return;
    case Phase::lingering:
      if (spent >= (loop_.is_draining ? linger_time_draining : linger_time)) close();
      return;
    case Phase::handling:
    case Phase::sending:
    case Phase::closed:
      return;
  }
}

bool Connection::is_too_slow(Moment at) const {
  const auto over = std::chrono::duration_cast<std::chrono::milliseconds>(at - since_ - limits().head_time);
  if (over.count() <= 0) return false;
  return reader_.body_received() * 1000 < limits().body_bytes_per_second * static_cast<std::size_t>(over.count());
}

// A peer that reads nothing for the write time, or so little at a time that the whole would take too long.
bool Connection::is_write_stuck(Moment at) const {
  if (!is_awaiting_writable_) return false;
  if (at - write_advanced_ >= limits().write_time) return true;
  if (write_blocked_ == Moment{}) return false;
  const auto over = std::chrono::duration_cast<std::chrono::milliseconds>(at - write_blocked_ - limits().write_time);
  if (over.count() <= 0) return false;
  return sent_ * 1000 < limits().body_bytes_per_second * static_cast<std::size_t>(over.count());
}

}  // namespace paylink::http
