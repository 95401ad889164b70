#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/caller.hpp"
#include "app/idempotency.hpp"
#include "app/lane.hpp"
#include "base/log.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace paylink::runtime {

// What `decode` sees of a request.
struct Input {
  const http::Request& request;
  http::PathValues path;
};

// How one group of routes tells of an error: the API in JSON, the pages in HTML.
using ErrorEncoder = std::function<http::Response(const Error& error, const http::Request& request)>;

// Who may call a route. Default-deny: every route says it.
class Access {
 public:
  static Access open() { return Access(std::nullopt); }
  static Access scope(app::Scope scope) { return Access(scope); }
  const std::optional<app::Scope>& required() const { return scope_; }

 private:
  explicit Access(std::optional<app::Scope> scope) : scope_(scope) {}
  std::optional<app::Scope> scope_;
};

// One request on its way through its route.
struct Call {
  http::Exchange& exchange;
  http::PathValues path;
  app::Caller caller;  // of an open route: nobody
  const ErrorEncoder& encode_error;
  app::Lane& lane;

  Input input() const { return {exchange.request(), path}; }
  void respond(http::Response response) const { exchange.respond(std::move(response)); }
  void fail(const Error& error) const { respond(failure(error)); }
  http::Response failure(const Error& error) const {
    if (error.code == ErrorCode::internal)
      LOG(error, "request_failed", {"trace_id", exchange.request().trace_id}, {"reason", error.reason},
          {"detail", error.detail});
    return encode_error(error, exchange.request());
  }
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual void serve(Call call) = 0;
};

struct Route {
  http::Method method;
  std::string pattern;
  Access access;
  ErrorEncoder encode_error;
  std::unique_ptr<Endpoint> endpoint;
};

namespace detail {

// Steps take `(command, caller, tx)`, or `(command, tx)` on routes that everybody may call.
template <class Step, class Command, class Last>
auto invoke_step(Step& step, const Command& command, const app::Caller& caller, Last& last) {
  if constexpr (std::invocable<Step&, const Command&, const app::Caller&, Last&>)
    return step(command, caller, last);
  else
    return step(command, last);
}

inline Failure bug(const std::exception& exception) {
  return paylink::fail(ErrorCode::internal, "bug", "Something went wrong on our side.", exception.what());
}

// Waits on a lane for one request, from decoding to the answer; frees itself.
template <class Command, class Execute, class Encode>
class StepWork final : public app::Work {
 public:
  StepWork(Call call, Command command, Execute& execute, Encode& encode,
           std::optional<app::IdempotentRequest> idempotent)
      : call_(call),
        command_(std::move(command)),
        execute_(execute),
        encode_(encode),
        idempotent_(std::move(idempotent)) {}

  Result<> run(sql::Transaction& tx) override {
    if (idempotent_) {
      auto stored = TRY(app::find_stored_answer(*idempotent_, tx));
      if (stored) {
        response_ = http::Response{stored->status, "application/json", std::move(stored->body), {}};
        response_.add_field("Idempotent-Replayed", "true");
        return {};
      }
    }
    auto reply = TRY(invoke_step(execute_, command_, call_.caller, tx));
    response_ = encode_(reply, call_.exchange.request());
    if (idempotent_ && response_.status < 300)
      TRY(app::store_answer(*idempotent_, response_.status, response_.body, tx));
    return {};
  }

  void done(Result<> outcome) noexcept override {
    const std::unique_ptr<StepWork> freed(this);
    if (outcome)
      call_.respond(std::move(response_));
    else
      call_.fail(outcome.error());
  }

 private:
  Call call_;
  Command command_;
  Execute& execute_;
  Encode& encode_;
  std::optional<app::IdempotentRequest> idempotent_;
  http::Response response_;
};

enum class LaneKind : std::uint8_t { write, read };

template <LaneKind kind, class Decode, class Execute, class Encode>
class StepEndpoint final : public Endpoint {
 public:
  using Command = typename std::invoke_result_t<Decode&, const Input&>::value_type;

  StepEndpoint(std::string name, app::Idempotency rule, Decode decode, Execute execute, Encode encode)
      : name_(std::move(name)),
        rule_(rule),
        decode_(std::move(decode)),
        execute_(std::move(execute)),
        encode_(std::move(encode)) {}

  void serve(Call call) override {
    std::optional<app::IdempotentRequest> idempotent;
    if constexpr (kind == LaneKind::write) {
      auto key = idempotency_of(call);
      if (!key) return call.fail(key.error());
      idempotent = *std::move(key);
    }
    auto command = decode_(call.input());
    if (!command) return call.fail(command.error());
    auto* work =
        new StepWork<Command, Execute, Encode>(call, *std::move(command), execute_, encode_, std::move(idempotent));
    if constexpr (kind == LaneKind::write)
      call.lane.submit_write(*work);
    else
      call.lane.submit_read(*work);
  }

 private:
  Result<std::optional<app::IdempotentRequest>> idempotency_of(const Call& call) const {
    const http::Request& request = call.exchange.request();
    const auto key =
        TRY(app::read_idempotency_key(request.field("X-Qonto-Idempotency-Key"), request.field("Idempotency-Key"),
                                      request.count("X-Qonto-Idempotency-Key") + request.count("Idempotency-Key")));
    if (!key || call.caller.nobody()) return std::optional<app::IdempotentRequest>();
    return std::optional<app::IdempotentRequest>(
        app::IdempotentRequest::create(call.caller, name_, *key, request.target, request.body, rule_));
  }

  std::string name_;
  app::Idempotency rule_;
  Decode decode_;
  Execute execute_;
  Encode encode_;
};

template <class Decode, class Run, class Encode>
class FlowEndpoint final : public Endpoint {
 public:
  FlowEndpoint(Decode decode, Run run, Encode encode)
      : decode_(std::move(decode)), run_(std::move(run)), encode_(std::move(encode)) {}

  void serve(Call call) override {
    auto command = decode_(call.input());
    if (!command) return call.fail(command.error());
    start(
        run_(*std::move(command)),
        [this, call](auto reply) {
          // This thread is the lane's or the client's: others wait for it, so the answer is made elsewhere.
          call.exchange.respond_on_loop([this, call, reply = std::move(reply)] {
            if (!reply) return call.failure(reply.error());
            auto response = this->encode_guarded(*reply, call);
            return response ? *std::move(response) : call.failure(response.error());
          });
        },
        [call](std::exception_ptr thrown) {
          try {
            std::rethrow_exception(thrown);
          } catch (const std::exception& exception) {
            const Error error = bug(exception).error;
            call.exchange.respond_on_loop([call, error] { return call.failure(error); });
          }
        });
  }

 private:
  template <class Reply>
  Result<http::Response> encode_guarded(const Reply& reply, const Call& call) {
    try {
      return encode_(reply, call.exchange.request());
    } catch (const std::exception& exception) {
      return bug(exception);
    }
  }

  Decode decode_;
  Run run_;
  Encode encode_;
};

template <class Respond>
class PlainEndpoint final : public Endpoint {
 public:
  explicit PlainEndpoint(Respond respond) : respond_(std::move(respond)) {}
  void serve(Call call) override {
    auto response = respond_(call.input());
    if (response)
      call.respond(*std::move(response));
    else
      call.fail(response.error());
  }

 private:
  Respond respond_;
};

}  // namespace detail

// The routes of one part of the program, each an endpoint of plain functions:
//   decode(const Input&) -> Result<Command>                      on the event loop, no storage
//   execute(const Command&, const Caller&, Transaction&) -> Result<Reply>   on a lane; without Caller on open routes
//   encode(const Reply&, const Request&) -> Response             pure
class Routes {
 public:
  explicit Routes(ErrorEncoder encode_error, app::Idempotency rule = app::Idempotency::strict)
      : encode_error_(std::move(encode_error)), rule_(rule) {}

  // Changes something: runs on the write lane, answers after the commit, honours an idempotency key.
  template <class Decode, class Execute, class Encode>
  Routes& write(http::Method method, std::string_view pattern, Access access, Decode decode, Execute execute,
                Encode encode) {
    auto name = std::string(http::method_name(method)) + " " + std::string(pattern);
    return add(method, pattern, access,
               std::make_unique<detail::StepEndpoint<detail::LaneKind::write, Decode, Execute, Encode>>(
                   std::move(name), rule_, std::move(decode), std::move(execute), std::move(encode)));
  }

  // Only looks: runs on a snapshot.
  template <class Decode, class Execute, class Encode>
  Routes& read(http::Method method, std::string_view pattern, Access access, Decode decode, Execute execute,
               Encode encode) {
    return add(method, pattern, access,
               std::make_unique<detail::StepEndpoint<detail::LaneKind::read, Decode, Execute, Encode>>(
                   std::string(), rule_, std::move(decode), std::move(execute), std::move(encode)));
  }

  // Calls the network between its transactions: run(Command) -> Task<Result<Reply>>. Open routes only, so far.
  template <class Decode, class Run, class Encode>
  Routes& flow(http::Method method, std::string_view pattern, Decode decode, Run run, Encode encode) {
    return add(method, pattern, Access::open(),
               std::make_unique<detail::FlowEndpoint<Decode, Run, Encode>>(std::move(decode), std::move(run),
                                                                           std::move(encode)));
  }

  // Needs neither storage nor network: respond(const Input&) -> Result<Response>.
  template <class Respond>
  Routes& plain(http::Method method, std::string_view pattern, Respond respond) {
    return add(method, pattern, Access::open(), std::make_unique<detail::PlainEndpoint<Respond>>(std::move(respond)));
  }

  std::vector<Route> take() { return std::move(routes_); }

 private:
  Routes& add(http::Method method, std::string_view pattern, Access access, std::unique_ptr<Endpoint> endpoint) {
    routes_.push_back({method, std::string(pattern), access, encode_error_, std::move(endpoint)});
    return *this;
  }

  ErrorEncoder encode_error_;
  app::Idempotency rule_;
  std::vector<Route> routes_;
};

}  // namespace paylink::runtime
