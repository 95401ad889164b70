#pragma once

#include <variant>

#include "runtime/endpoint.hpp"

namespace paylink::runtime::detail {

// A flow calls the network between its transactions. One that came with an idempotency key commits the key as running
// before it begins, and its answer together with its last effect; when its process dies between the two, `resume` runs
// it again.
template <class Decode, class Run, class Encode>
class FlowEndpoint final : public Endpoint {
 public:
  using Command = typename std::invoke_result_t<Decode&, const Input&>::value_type;

  FlowEndpoint(http::Method method, std::string name, app::Idempotency rule, Decode decode, Run run, Encode encode)
      : method_(method),
        name_(std::move(name)),
        rule_(rule),
        decode_(std::move(decode)),
        run_(std::move(run)),
        encode_(std::move(encode)) {}

  void serve(Call call) override {
    std::optional<app::IdempotentRequest> idempotent;
    if (method_ != http::Method::get) {
      auto key = idempotency_of(call, name_, rule_);
      if (!key) return call.fail(key.error());
      idempotent = *std::move(key);
    }
    auto command = decode_(call.input());
    if (!command) return call.fail(command.error());
    // Wherever the flow ends is the lane's or the client's thread: others wait for it, so the answer is made elsewhere.
    start(
        answer(call, *std::move(command), std::move(idempotent)),
        [this, call](auto ended) {
          call.exchange.respond_on_loop([this, call, ended = std::move(ended)] {
            if (!ended) return call.failure(ended.error());
            if (const auto* kept = std::get_if<http::Response>(&*ended)) return *kept;
            auto response = this->encode_guarded(std::get<Reply>(*ended), call.exchange.request());
            return response ? *std::move(response) : call.failure(response.error());
          });
        },
        [call](std::exception_ptr thrown) {
          const Error error = error_of(thrown);
          call.exchange.respond_on_loop([call, error] { return call.failure(error); });
        });
  }

  Task<Result<>> resume(app::RunningFlow flow, const Input& input, app::Lane& lane) override {
    auto command = decode_(input);
    if (!command) {
      CO_CHECK(co_await abandon(flow, lane));
      co_return Failure{command.error()};
    }
    const app::Caller caller{flow.organization, flow.principal, {}};
    auto response = co_await run_kept(std::move(flow), *std::move(command), caller, input.request, lane);
    if (!response) co_return std::move(response).failure();
    co_return Result<>();
  }

 private:
  static auto invoke(Run& run, Command command, const app::Caller& caller, const auto& keep) {
    if constexpr (std::invocable<Run&, Command, const app::Caller&, decltype(keep)>)
      return run(std::move(command), caller, keep);
    else if constexpr (std::invocable<Run&, Command, const app::Caller&>)
      return run(std::move(command), caller);
    else
      return run(std::move(command));
  }

  // Stands for app::KeepReply<Reply> until Reply is known: what it converts to.
  struct AnyKeep {
    template <class T>
    operator app::KeepReply<T>() const {
      return {};
    }
  };
  using Reply = typename decltype(invoke(std::declval<Run&>(), std::declval<Command>(),
                                         std::declval<const app::Caller&>(), AnyKeep()))::value_type::value_type;
  // What is still to be encoded, or what was encoded to be stored.
  using Ended = std::variant<Reply, http::Response>;

  static Error error_of(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      return bug(exception).error();
    }
  }

  Task<Result<Ended>> answer(Call call, Command command, std::optional<app::IdempotentRequest> idempotent) {
    if (!idempotent) {
      const app::KeepReply<Reply> keep = [](const Reply&, sql::Transaction&) { return Result<>(); };
      auto reply = co_await invoke(run_, std::move(command), call.caller, keep);
      if (!reply) co_return std::move(reply).failure();
      co_return Ended(*std::move(reply));
    }
    const http::Request& request = call.exchange.request();
    const auto begin = [&](sql::Transaction& tx) {
      return app::begin_flow(*idempotent, call.caller,
                             {http::method_name(request.method), request.target, request.body}, tx);
    };
    CO_TRY(begun, co_await call.lane.write(call.caller.organization, begin));
    if (auto* stored = std::get_if<app::ReplayedAnswer>(&begun)) co_return Ended(replay(std::move(*stored)));
    app::RunningFlow flow = std::get<app::RunningFlow>(std::move(begun));
    auto response = co_await run_kept(std::move(flow), std::move(command), call.caller, request, call.lane);
    if (!response) co_return std::move(response).failure();
    co_return Ended(*std::move(response));
  }

  // Runs it with a key that is taken: when it returns, its answer is stored or the key is free again.
  Task<Result<http::Response>> run_kept(app::RunningFlow flow, Command command, app::Caller caller,
                                        const http::Request& request, app::Lane& lane) {
    std::optional<http::Response> kept;
    const app::KeepReply<Reply> keep = [&](const Reply& reply, sql::Transaction& tx) -> Result<> {
      kept = encode_(reply, request);
      return app::finish_flow(flow, kept->status, kept->body, tx);
    };
    auto reply = Result<Reply>(Failure{});
    std::exception_ptr thrown;
    try {
      reply = co_await invoke(run_, std::move(command), caller, keep);
    } catch (...) {
      thrown = std::current_exception();
    }
    if (thrown) reply = Failure{error_of(thrown)};
    if (reply && !kept) {
      // Its last effect was not the last thing it did: the answer has a transaction of its own.
      const auto keep_late = [&](sql::Transaction& tx) { return keep(*reply, tx); };
      CO_CHECK(co_await lane.write(flow.organization, keep_late));
    }
    if (reply) co_return *std::move(kept);
    CO_CHECK(co_await abandon(flow, lane));
    co_return std::move(reply).failure();
  }

  static Task<Result<>> abandon(const app::RunningFlow& flow, app::Lane& lane) {
    const auto forget = [&flow](sql::Transaction& tx) { return app::abandon_flow(flow, tx); };
    auto forgotten = co_await lane.write(flow.organization, forget);
    co_return forgotten;
  }

  Result<http::Response> encode_guarded(const Reply& reply, const http::Request& request) {
    try {
      return encode_(reply, request);
    } catch (const std::exception& exception) {
      return bug(exception);
    }
  }

  http::Method method_;
  std::string name_;
  app::Idempotency rule_;
  Decode decode_;
  Run run_;
  Encode encode_;
};

}  // namespace paylink::runtime::detail
