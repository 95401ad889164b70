#include "sandbox/routes.hpp"

#include <charconv>
#include <memory>

#include "app/expire_links.hpp"
#include "app/find_payment_link.hpp"
#include "app/payment_json.hpp"
#include "app/sandbox_clock.hpp"
#include "domain/email.hpp"
#include "json/document.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "sandbox/duration.hpp"

namespace paylink::sandbox {
namespace {

using runtime::Input;

constexpr int sweep_chunk = 500;

// What the payer at the provider's page does.
enum class Outcome : std::uint8_t { paid, failed, canceled, pending, expired };

constexpr auto outcome_names = names<Outcome>({
    {Outcome::paid, "paid"},
    {Outcome::failed, "failed"},
    {Outcome::canceled, "canceled"},
    {Outcome::pending, "pending"},
    {Outcome::expired, "expired"},
});

struct Advance {
  std::chrono::seconds by;
};

struct Pay {
  PaymentLinkId link;
  PaymentMethod method;
  std::string debitor_email;
  Outcome outcome;
};

Result<Advance> decode_advance(const Input& input) {
  TRY(require_json(input.request));
  const auto document = TRY(json::Document::parse(input.request.body));
  json::Faults faults;
  const json::Reader place = json::Reader(faults, document.root()).as_object().required("advance");
  const auto text = place.text();
  const auto duration = text ? parse_duration(*text) : std::nullopt;
  if (text && !duration) place.fault("invalid_format", "must be a duration such as 72h, 30m or 1d12h");
  TRY(faults.result());
  return Advance{*duration};
}

Result<Pay> decode_pay(const Input& input) {
  TRY(require_json(input.request));
  const auto document = TRY(json::Document::parse(input.request.body));
  json::Faults faults;
  const json::Reader body = json::Reader(faults, document.root()).as_object();
  const auto link = body.required("payment_link_id").uuid();
  const auto method = body.required("payment_method").one_of(payment_method_names);
  const auto email_place = body.required("debitor_email");
  const auto email = email_place.text({.min = 1, .max = 254});
  if (email && !is_email(*email)) email_place.fault("invalid_format", "must be an e-mail address");
  const auto outcome = body.required("outcome").one_of(outcome_names);
  TRY(faults.result());
  return Pay{PaymentLinkId(*link), *method, std::string(*email), *outcome};
}

Failure past_the_end() {
  const std::string detail = "must leave the clock before " + to_rfc3339(MovableClock::end);
  Failure failure = fail(ErrorCode::invalid_input, "out_of_range", "advance " + detail);
  failure.error.faults.push_back({"out_of_range", "/advance", "advance " + detail});
  return failure;
}

struct Settle {
  AttemptId payment;
  Outcome outcome;
};

Result<Settle> decode_settle(const Input& input) {
  TRY(require_json(input.request));
  const auto payment = Uuid::parse(input.path.values[0]);
  if (!payment) return fail(ErrorCode::not_found, "not_found", "There is no such payment.");
  const auto document = TRY(json::Document::parse(input.request.body));
  json::Faults faults;
  const auto outcome = json::Reader(faults, document.root()).as_object().required("outcome").one_of(outcome_names);
  TRY(faults.result());
  return Settle{AttemptId(*payment), *outcome};
}

bool may_go_on(AttemptState state) {
  return state == AttemptState::open || state == AttemptState::pending || state == AttemptState::authorized;
}

http::Response json_response(int status, std::string body) { return {status, "application/json", std::move(body), {}}; }

class Handlers {
 public:
  explicit Handlers(Tools tools) : tools_(tools) {}

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
  // What the payer does at the simulator's page, and what comes of it here.
  Task<Result<Attempt>> decide(Attempt attempt, Outcome outcome) {
    if (attempt.checkout_url.empty())
      co_return fail(ErrorCode::unavailable, "provider_unavailable", "The simulator has no page for this payment.");
    http::ClientRequest act;
    act.method = "POST";
    act.url = attempt.checkout_url;
    act.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    act.body = "outcome=" + std::string(outcome_names.name(outcome));
    auto acted = co_await tools_.client.send(std::move(act));
    if (!acted) co_return Failure{std::move(acted).error()};
    if (acted->status >= 400)
      co_return fail(ErrorCode::internal, "simulator_refused", "Something went wrong on our side.",
                     "the simulator's page answered " + std::to_string(acted->status));
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
  const auto handlers = std::make_shared<Handlers>(tools);
  runtime::Routes routes(std::move(encode_error));
  routes.flow(
      http::Method::post, "/sandbox/clock", runtime::Access::open(), decode_advance,
      [handlers](Advance command) { return handlers->advance(command); },
      [handlers](int, const http::Request&) { return handlers->show_clock(); });
  routes.plain(http::Method::get, "/sandbox/clock",
               [handlers](const Input&) -> Result<http::Response> { return handlers->show_clock(); });
  routes.flow(
      http::Method::post, "/sandbox/payments", runtime::Access::open(), decode_pay,
      [handlers](Pay command) { return handlers->pay(std::move(command)); },
      [](const Attempt& attempt, const http::Request&) { return Handlers::show_payment(201, attempt); });
  routes.flow(
      http::Method::post, "/sandbox/payments/{id}", runtime::Access::open(), decode_settle,
      [handlers](Settle command) { return handlers->settle(command); },
      [](const Attempt& attempt, const http::Request&) { return Handlers::show_payment(200, attempt); });
  return routes.take();
}

}  // namespace paylink::sandbox
