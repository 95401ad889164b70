#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/caller.hpp"
#include "app/flows.hpp"
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
  static Access open() { return Access(Who::anybody, std::nullopt); }
  // For pages of people: the endpoint itself finds out who is signed in (session/cookies.hpp).
  static Access session() { return Access(Who::person, std::nullopt); }
  // For applications, which prove who they are in what they send: the endpoint finds out, and fails with
  // `unauthenticated`. Failed attempts count as everybody's do.
  static Access client() { return Access(Who::client, std::nullopt); }
  // Whoever has a key or a token, whatever its scopes.
  static Access caller() { return Access(Who::caller, std::nullopt); }
  static Access scope(app::Scope scope) { return Access(Who::caller, scope); }

  bool needs_caller() const { return who_ == Who::caller; }
  bool is_for_clients() const { return who_ == Who::client; }
  const std::optional<app::Scope>& required() const { return scope_; }
  // As the log of routes says it.
  std::string_view name() const {
    if (scope_) return app::scope_names.name(*scope_);
    switch (who_) {
      case Who::caller:
        return "caller";
      case Who::client:
        return "client";
      case Who::person:
        return "session";
      case Who::anybody:
        break;
    }
    return "open";
  }

 private:
  enum class Who : std::uint8_t { anybody, person, client, caller };
  Access(Who who, std::optional<app::Scope> scope) : who_(who), scope_(scope) {}
  Who who_;
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
  // Runs a flow again whose first run ended with its process; `flow` and what `input` views stay until it ends. Only
  // endpoints that begin flows have any.
  virtual Task<Result<>> resume(app::RunningFlow flow, const Input& input, app::Lane& lane);
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

// What a client with an idempotency key is told a second time.
http::Response replay(app::ReplayedAnswer stored);

// The key a request came with, if any; `name` is the route's. On a route that anybody may call it means nothing. Fails
// as app::read_idempotency_key does.
Result<std::optional<app::IdempotentRequest>> idempotency_of(const Call& call, std::string_view name,
                                                             app::Idempotency rule);

}  // namespace detail
}  // namespace paylink::runtime
