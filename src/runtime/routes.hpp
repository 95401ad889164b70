#pragma once

#include "runtime/flow_endpoint.hpp"
#include "runtime/step_endpoint.hpp"

namespace paylink::runtime {
namespace detail {

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

  // Only looks, and may take long or answer much, as lists do: runs where nobody waits for it, once there is room for
  // its answer.
  template <class Decode, class Execute, class Encode>
  Routes& slow_read(http::Method method, std::string_view pattern, Access access, Decode decode, Execute execute,
                    Encode encode) {
    return add(method, pattern, access,
               std::make_unique<detail::StepEndpoint<detail::LaneKind::slow_read, Decode, Execute, Encode>>(
                   std::string(), rule_, std::move(decode), std::move(execute), std::move(encode)));
  }

  // Calls the network between its transactions: run(Command, const Caller&, KeepReply<Reply>) -> Task<Result<Reply>>,
  // or without the last argument, or with the command alone. Honours an idempotency key, unless it is a GET or open:
  // then `run` must bear being begun again from its start, after a crash too.
  template <class Decode, class Run, class Encode>
  Routes& flow(http::Method method, std::string_view pattern, Access access, Decode decode, Run run, Encode encode) {
    auto name = std::string(http::method_name(method)) + " " + std::string(pattern);
    return add(method, pattern, access,
               std::make_unique<detail::FlowEndpoint<Decode, Run, Encode>>(
                   method, std::move(name), rule_, std::move(decode), std::move(run), std::move(encode)));
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
