#pragma once

#include <concepts>

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

  sql::Tenant tenant() const override { return tenant_of(call_.caller, command_); }

  Result<> run(sql::Transaction& tx) override {
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
      auto key = idempotency_of(call, name_, rule_);
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
  std::string name_;
  app::Idempotency rule_;
  Decode decode_;
  Execute execute_;
  Encode encode_;
};

}  // namespace paylink::runtime::detail
