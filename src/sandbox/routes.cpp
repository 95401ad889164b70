#include "sandbox/routes.hpp"

#include <memory>

#include "app/expire_links.hpp"
#include "app/find_payment_link.hpp"
#include "app/payment_json.hpp"
#include "app/sandbox_clock.hpp"
#include "json/writer.hpp"
#include "sandbox/bodies.hpp"

namespace paylink::sandbox {
namespace {

using runtime::Input;

constexpr int sweep_chunk = 500;

Result<Advance> read_advance(const Input& input) {
  TRY(require_json(input.request));
  return decode_advance(input.request.body);
}

Result<Pay> read_pay(const Input& input) {
  TRY(require_json(input.request));
  return decode_pay(input.request.body);
}

Failure past_the_end() {
  const std::string detail = "must leave the clock before " + to_rfc3339(MovableClock::end);
  Failure failure = fail(ErrorCode::invalid_input, "out_of_range", "advance " + detail);
  failure.error().faults.push_back({"out_of_range", "/advance", "advance " + detail});
  return failure;
}

struct Settle {
  AttemptId payment;
  Outcome outcome;
};

Result<Settle> read_settle(const Input& input) {
  TRY(require_json(input.request));
  const auto payment = Uuid::parse(input.path.values[0]);
  if (!payment) return fail(ErrorCode::not_found, "not_found", "There is no such payment.");
  const Outcome outcome = TRY(decode_outcome(input.request.body));
  return Settle{AttemptId(*payment), outcome};
}

bool may_go_on(AttemptState state) {
  return state == AttemptState::open || state == AttemptState::pending || state == AttemptState::authorized;
}

http::Response json_response(int status, std::string body) { return {status, "application/json", std::move(body), {}}; }

class Handlers {
 public:
  explicit Handlers(Tools tools) : tools_(std::move(tools)) {}

  Task<Result<int>> advance(Advance command) {
    MovableClock& clock = tools_.clock;
    const auto follow = [&clock](sql::Transaction& tx) { return follow_clock(clock, tx); };
    CO_CHECK(co_await tools_.lane.read(sql::Tenant::nobody(), follow));
    if (!clock.advance(command.by)) co_return past_the_end();
    const auto keep = [offset = tools_.clock.offset()](sql::Transaction& tx) {
      return app::keep_clock_offset(offset, tx);
    };
    CO_CHECK(co_await tools_.lane.write(sql::Tenant::nobody(), keep));
    const auto sweep = [](sql::Transaction& tx) { return app::expire_links(sweep_chunk, tx); };
    int expired = 0;
    for (;;) {
      CO_TRY(found, co_await tools_.lane.write(sql::Tenant::everybody(), sweep));
      expired += found;
      if (found < sweep_chunk) break;
    }
    co_return expired;
  }

  http::Response show_clock() const {
    std::string text;
    json::Writer json(text);
    json.begin_object().text("now", to_rfc3339(tools_.clock.now()));
    json.integer("offset_seconds", std::chrono::floor<std::chrono::seconds>(tools_.clock.offset()).count())
        .end_object();
    return json_response(200, std::move(text));
  }

  Task<Result<Attempt>> pay(Pay command) {
    const app::Caller caller{tools_.organization, {}, {}};
    const auto find = [&](sql::Transaction& tx) { return app::find_payment_link({command.link}, caller, tx); };
    CO_TRY(link, co_await tools_.lane.read(tools_.organization, find));
    app::StartPayment start{tools_.organization,   link.resource_id,        command.method,
                            command.debitor_email, Uuid::v4(tools_.random), app::StartOver::yes};
    CO_TRY(attempt, co_await tools_.payments.start(std::move(start)));
    auto decided = co_await decide(std::move(attempt), command.outcome);
    co_return decided;
  }

  Task<Result<Attempt>> settle(Settle command) {
    if (command.outcome == Outcome::charged_back || command.outcome == Outcome::chargeback_reversed) {
      auto changed = co_await change_state(command);
      co_return changed;
    }
    CO_TRY(attempt, co_await tools_.payments.settle(tools_.organization, command.payment));
    if (!may_go_on(attempt.state))
      co_return fail(ErrorCode::invalid_input, "invalid_status",
                     "This payment is " + std::string(attempt_state_names.name(attempt.state)) +
                         ". Only one that is open, pending or authorized can go on.");
    auto decided = co_await decide(std::move(attempt), command.outcome);
    co_return decided;
  }

  static http::Response show_payment(int status, const Attempt& attempt) {
    std::string text;
    json::Writer json(text);
    json.begin_object().key("payment").begin_object();
    app::write_payment_members(json, attempt);
    json.text("payment_link_id", attempt.payment_link.text());
    json.end_object().end_object();
    return json_response(status, std::move(text));
  }

 private:
  // What the payer's bank does once a payment is paid.
  Task<Result<Attempt>> change_state(Settle command) {
    CO_TRY(attempt, co_await tools_.payments.settle(tools_.organization, command.payment));
    if (attempt.state != AttemptState::paid)
      co_return fail(ErrorCode::invalid_input, "invalid_status",
                     "This payment is " + std::string(attempt_state_names.name(attempt.state)) +
                         ". Only one that is paid can be charged back.");
    auto acted = co_await tools_.client.send(
        form(tools_.simulator_url + "/change-payment-state/" + attempt.provider_payment_id, command.outcome));
    if (!acted) co_return std::move(acted).failure();
    if (acted->status == 422)
      co_return fail(ErrorCode::invalid_input, "invalid_status",
                     command.outcome == Outcome::charged_back ? "Nothing of this payment is left to be charged back."
                                                              : "This payment has no chargeback that can be reversed.");
    if (acted->status >= 400) co_return refused_by_simulator(acted->status);
    const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
    auto noticed = co_await tools_.payments.settle_noticed(attempt.organization, token);
    co_return noticed;
  }

  static http::ClientRequest form(const std::string& url, Outcome outcome) {
    http::ClientRequest act;
    act.method = "POST";
    act.url = url;
    act.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    act.body = "outcome=" + std::string(settled_names.name(outcome));
    return act;
  }
  static Failure refused_by_simulator(int status) {
    return fail(ErrorCode::internal, "simulator_refused", "Something went wrong on our side.",
                "the simulator's page answered " + std::to_string(status));
  }

  // What the payer does at the simulator's page, and what comes of it here.
  Task<Result<Attempt>> decide(Attempt attempt, Outcome outcome) {
    if (attempt.checkout_url.empty())
      co_return fail(ErrorCode::unavailable, "provider_unavailable", "The simulator has no page for this payment.");
    auto acted = co_await tools_.client.send(form(attempt.checkout_url, outcome));
    if (!acted) co_return std::move(acted).failure();
    if (acted->status >= 400) co_return refused_by_simulator(acted->status);
    auto settled = co_await tools_.payments.settle(attempt.organization, attempt.id);
    co_return settled;
  }

  Tools tools_;
};

}  // namespace

Result<> require_json(const http::Request& request) {
  if (http::is_media_type(request.field("Content-Type").value_or(""), "application/json")) return {};
  return fail(ErrorCode::unsupported_media_type, "unsupported_media_type", "Send application/json.");
}

Result<> follow_clock(MovableClock& clock, sql::Transaction& tx) {
  const auto kept = TRY(app::kept_clock_offset(tx));
  if (kept && *kept > clock.offset() && !clock.advance(*kept - clock.offset()))
    return fail(ErrorCode::invalid_input, "clock_out_of_range",
                "The clock of this data directory stands after the year 8999. Begin with a new directory.");
  return {};
}

std::vector<runtime::Route> routes(Tools tools, runtime::ErrorEncoder encode_error) {
  const auto handlers = std::make_shared<Handlers>(std::move(tools));
  runtime::Routes routes(std::move(encode_error));
  routes.flow(
      http::Method::post, "/sandbox/clock", runtime::Access::open(), read_advance,
      [handlers](Advance command) { return handlers->advance(command); },
      [handlers](int, const http::Request&) { return handlers->show_clock(); });
  routes.plain(http::Method::get, "/sandbox/clock",
               [handlers](const Input&) -> Result<http::Response> { return handlers->show_clock(); });
  routes.flow(
      http::Method::post, "/sandbox/payments", runtime::Access::open(), read_pay,
      [handlers](Pay command) { return handlers->pay(std::move(command)); },
      [](const Attempt& attempt, const http::Request&) { return Handlers::show_payment(201, attempt); });
  routes.flow(
      http::Method::post, "/sandbox/payments/{id}", runtime::Access::open(), read_settle,
      [handlers](Settle command) { return handlers->settle(command); },
      [](const Attempt& attempt, const http::Request&) { return Handlers::show_payment(200, attempt); });
  return routes.take();
}

}  // namespace paylink::sandbox
