#include "runtime/dispatcher.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "runtime/caller_cache.hpp"

namespace paylink::runtime {
namespace {

CallerCache& cache_of_this_loop() {
  thread_local CallerCache cache;
  return cache;
}

http::Response method_not_allowed(const ErrorEncoder& encode_error, const http::Request& request,
                                  const std::string& allow) {
  auto response = encode_error(
      Error{ErrorCode::invalid_input, "method_not_allowed", "This path answers to " + allow + " only.", {}, {}},
      request);
  response.status = 405;
  response.add_field("Allow", allow);
  return response;
}

// Of a path only segments no longer than a UUID are logged: longer ones are somebody's secret address.
std::string loggable(std::string_view path) {
  constexpr std::size_t segment_max = 36;
  std::string result;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    result += end - 1 <= segment_max ? path.substr(0, end) : std::string_view("/…");
    path.remove_prefix(end);
  }
  return result;
}

}  // namespace

// Asks the storage who calls, when the loop does not remember; frees itself.
class Dispatcher::Lookup final : public app::Work {
 public:
  Lookup(Dispatcher& dispatcher, Call call, const Route& route, app::Presented presented)
      : dispatcher_(dispatcher), call_(call), route_(route), presented_(std::move(presented)) {}

  Result<> run(sql::Transaction& tx) override {
    identity_ = TRY(app::find_identity(presented_, tx));
    return {};
  }

  void done(Result<> outcome) noexcept override {
    const std::unique_ptr<Lookup> freed(this);
    if (!outcome) return call_.fail(outcome.error());
    const auto field = call_.exchange.request().field("Authorization");
    cache_of_this_loop().put(*field, *identity_, std::chrono::steady_clock::now());
    try {
      dispatcher_.serve_known(call_, route_, *identity_);
    } catch (const std::exception& exception) {
      call_.fail(detail::bug(exception).error);
    }
  }

 private:
  Dispatcher& dispatcher_;
  Call call_;
  const Route& route_;
  app::Presented presented_;
  std::optional<app::Identity> identity_;
};

Dispatcher::Dispatcher(DispatcherOptions options, std::vector<Route> routes, app::Lane& lane,
                       const crypto::KeyRing& keys, const Clock& clock)
    : options_(std::move(options)), routes_(std::move(routes)), lane_(lane), keys_(keys), clock_(clock) {
  for (std::size_t i = 0; i < routes_.size(); ++i) paths_.add(routes_[i].method, routes_[i].pattern, i);
}

void Dispatcher::settled() noexcept { lane_.release_reads(); }

void Dispatcher::handle(http::Exchange& exchange) noexcept {
  lane_.hold_reads();  // until `settled`
  try {
    find_route(exchange);
  } catch (const std::exception& exception) {
    // A bug before anything was submitted: whoever is behind `exchange` still waits.
    LOG(error, "bug", {"trace_id", exchange.request().trace_id}, {"detail", exception.what()});
    exchange.respond(options_.encode_error(detail::bug(exception).error, exchange.request()));
  }
}

void Dispatcher::find_route(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const auto match = paths_.find(request.method, request.path);
  if (match.matched == http::Matched::no_such_path)
    return exchange.respond(options_.encode_error(
        Error{ErrorCode::not_found, "not_found", "There is nothing at this address.", {}, {}}, request));
  if (match.matched == http::Matched::no_such_method)
    return exchange.respond(method_not_allowed(options_.encode_error, request, match.allow));
  const Route& route = routes_[match.index];
  const Call call{exchange, match.path, {}, route.encode_error, lane_};
  if (!route.access.required()) return serve(call, route);
  authenticate(call, route);
}

Result<> Dispatcher::check_staging_token(const http::Request& request) const {
  if (!options_.staging_token) return {};
  const std::size_t sent = request.count("X-Qonto-Staging-Token");
  if (sent == 0 && options_.staging_token_rule == StagingToken::optional) return {};
  const auto token = request.field("X-Qonto-Staging-Token");
  if (token && options_.staging_token->equals(*token)) return {};
  return fail(ErrorCode::unauthenticated, "unauthorized", "The X-Qonto-Staging-Token is missing or wrong.");
}

void Dispatcher::authenticate(Call call, const Route& route) {
  const http::Request& request = call.exchange.request();
  if (auto checked = check_staging_token(request); !checked) return call.fail(checked.error());
  const auto field = request.field("Authorization");
  if (field)
    if (const auto* identity = cache_of_this_loop().find(*field, std::chrono::steady_clock::now()))
      return serve_known(call, route, *identity);
  auto presented = app::read_authorization(field, request.count("Authorization"), keys_);
  if (!presented) return call.fail(presented.error());
  lane_.submit_read(*new Lookup(*this, call, route, *std::move(presented)));
}

void Dispatcher::serve_known(Call call, const Route& route, const app::Identity& identity) {
  if (identity.kind == app::CredentialKind::api_key && options_.api_keys == app::ApiKeyOnPaymentLinks::refused)
    return call.fail(
        Error{ErrorCode::unauthenticated, "unauthorized", "OAuth2 authentication is required here", {}, {}});
  auto caller = app::confirm(identity, clock_.now());
  if (!caller) return call.fail(caller.error());
  call.caller = *caller;
  if (auto allowed = app::require_scope(call.caller, *route.access.required()); !allowed)
    return call.fail(allowed.error());
  serve(call, route);
}

void Dispatcher::serve(const Call& call, const Route& route) { route.endpoint->serve(call); }

Task<Result<int>> Dispatcher::resume_flows(int limit) {
  int found = 0;
  for (; found < limit; ++found) {
    CO_TRY(flow, co_await lane_.write(app::take_over_flow));
    if (!flow) break;
    const std::string target = flow->target;
    LOG(info, "flow_resumed", {"target", target}, {"runs", flow->runs});
    auto resumed = co_await resume(*std::move(flow));
    // Its client is gone; whoever sends the key again is told, or begins anew.
    if (!resumed) LOG(warn, "flow_failed", {"target", target}, {"reason", resumed.error().reason});
  }
  co_return found;
}

Task<Result<>> Dispatcher::resume(app::RunningFlow flow) {
  const std::string target = flow.target, body = flow.body;
  http::Request request;
  request.method = http::parse_method(flow.method);
  request.target = target;
  const std::size_t question = target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string::npos) request.query = request.target.substr(question + 1);
  request.body = body;
  const auto match = paths_.find(request.method, request.path);
  if (match.matched != http::Matched::found)
    co_return fail(ErrorCode::internal, "no_route", "Something went wrong on our side.", "no route for " + target);
  const Input input{request, match.path};
  auto resumed = co_await routes_[match.index].endpoint->resume(std::move(flow), input, lane_);
  co_return resumed;
}

http::Response Dispatcher::refuse(int status, std::string_view reason, std::string_view message,
                                  std::string_view trace_id) noexcept {
  http::Request request;
  request.trace_id = trace_id;
  auto response = options_.encode_error(
      Error{ErrorCode::invalid_input, std::string(reason), std::string(message), {}, {}}, request);
  response.status = status;
  return response;
}

void Dispatcher::answered(const http::Request& request, int status, std::int64_t microseconds) noexcept {
  if (!log_enabled(LogLevel::info)) return;
  const std::string path = loggable(request.path);
  LOG(info, "request", {"trace_id", request.trace_id}, {"method", http::method_name(request.method)}, {"path", path},
      {"status", std::int64_t{status}}, {"duration_us", microseconds}, {"client", request.client_address});
}

}  // namespace paylink::runtime
