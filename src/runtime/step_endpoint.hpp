#pragma once

#include <concepts>

#include "http/refusal.hpp"
#include "runtime/endpoint.hpp"

namespace paylink::runtime::detail {

// A command that says itself whom it is about, such as the address of a page that anybody may open.
template <class Command>
concept NamesOrganization = requires(const Command& command) {
  { command.organization } -> std::convertible_to<OrganizationId>;
};

// Whoever calls sees what is his; on open routes nobody calls, and the command says whose rows it needs, if any.
template <class Command>
sql::Tenant tenant_of(const app::Caller& caller, const Command& command) {
  if (!caller.nobody()) return app::tenant_of(caller.organization);
  if constexpr (NamesOrganization<Command>)
    return app::tenant_of(command.organization);
  else
    return sql::Tenant::nobody();
}

enum class LaneKind : std::uint8_t { write, read, slow_read };

inline Failure no_room() {
  return paylink::fail(ErrorCode::unavailable, "no_room", std::string(http::refusals::no_room.message));
}

// Waits on a lane for one request, from decoding to the answer; frees itself.
template <LaneKind kind, class Command, class Execute, class Encode>
class StepWork final : public app::Work {
 public:
  StepWork(Call call, Command command, Execute& execute, Encode& encode,
           std::optional<app::IdempotentRequest> idempotent)
      : call_(call),
        command_(std::move(command)),
        execute_(execute),
        encode_(encode),
        idempotent_(std::move(idempotent)) {}

  sql::Tenant tenant() const override { return tenant_of(call_.caller, command_); }

  Result<> run(sql::Transaction& tx) override {
    if constexpr (kind == LaneKind::slow_read) {
      lacks_room_ = !call_.exchange.has_room();
      if (lacks_room_) return no_room();
    }
    if (idempotent_) {
      auto stored = TRY(app::find_stored_answer(*idempotent_, tx));
      if (stored) {
        response_ = replay(*std::move(stored));
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
    std::unique_ptr<StepWork> freed(this);
    if (lacks_room_) return make_room_and_try_again(std::move(freed));
    if (outcome)
      call_.respond(std::move(response_));
    else
      call_.fail(outcome.error());
  }

 private:
  // Room is made on the event loop. Others may be quicker to take it, each time with an answer of theirs.
  static void make_room_and_try_again(std::unique_ptr<StepWork> work) {
    http::Exchange& exchange = work->call_.exchange;
    const auto kept = std::make_shared<std::unique_ptr<StepWork>>(std::move(work));
    exchange.continue_on_loop([kept] {
      StepWork& again = *kept->release();
      again.lacks_room_ = false;
      if (again.call_.exchange.has_room()) return again.call_.lane.submit_slow_read(again);
      again.done(no_room());
    });
  }

  Call call_;
  Command command_;
  Execute& execute_;
  Encode& encode_;
  std::optional<app::IdempotentRequest> idempotent_;
  http::Response response_;
  bool lacks_room_ = false;
};

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
      auto key = idempotency_of(call, name_, rule_);
      if (!key) return call.fail(key.error());
      idempotent = *std::move(key);
    }
    auto command = decode_(call.input());
    if (!command) return call.fail(command.error());
    auto* work = new StepWork<kind, Command, Execute, Encode>(call, *std::move(command), execute_, encode_,
                                                              std::move(idempotent));
    if constexpr (kind == LaneKind::write)
      call.lane.submit_write(*work);
    else if constexpr (kind == LaneKind::slow_read)
      call.lane.submit_slow_read(*work);
    else
      call.lane.submit_read(*work);
  }

 private:
  std::string name_;
  app::Idempotency rule_;
  Decode decode_;
  Execute execute_;
  Encode encode_;
};

}  // namespace paylink::runtime::detail
