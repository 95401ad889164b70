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

http::ClientNetwork client_of(const http::Request& request) { return http::ClientNetwork::of(request.client_address); }

constexpr std::string_view too_many_requests = "There are too many requests from your address. Slow down.";
constexpr std::string_view too_many_attempts =
    "There were too many failed attempts to authenticate from your address. Check your credentials.";
constexpr std::string_view too_many_writes =
    "Too many requests from your address wait to be stored. Wait for some of their answers.";
constexpr std::chrono::seconds lately(1);
constexpr std::chrono::milliseconds noted_every(10);
constexpr Slowdown writes_slowdown{std::chrono::seconds(1), std::chrono::milliseconds(100)};

http::Response refusal(const ErrorEncoder& encode, const http::Request& request, const Slowdown& slowdown,
                       std::string_view message) {
  Error error{ErrorCode::rate_limited, "rate_limited", std::string(message), {}, {}};
  error.retry_after_seconds = slowdown.retry_after.count();
  auto response = encode(error, request);
  response.pause = slowdown.pause;
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

  sql::Tenant tenant() const override { return app::tenant_of(presented_.organization); }

  Result<> run(sql::Transaction& tx) override {
    identity_ = TRY(app::find_identity(presented_, tx));
    return {};
  }

  // Some lanes read on threads of their own; what a loop remembers is its own.
  void done(Result<> outcome) noexcept override {
    outcome_ = std::move(outcome);
    const std::shared_ptr<Lookup> self(this);
    call_.exchange.continue_on_loop([self] { self->go_on(); });
  }

 private:
  void go_on() noexcept {
    if (!outcome_) {
      if (outcome_.error().code == ErrorCode::unauthenticated) dispatcher_.known_.forget(presented_.hash);
      return dispatcher_.turn_away(call_, outcome_.error());
    }
    if (app::confirm(*identity_, dispatcher_.clock_.now()))
      dispatcher_.known_.put(presented_.hash);
    else
      dispatcher_.known_.forget(presented_.hash);
    const auto field = call_.exchange.request().field("Authorization");
    cache_of_this_loop().put(*field, *identity_, std::chrono::steady_clock::now());
    try {
      dispatcher_.note_use(*identity_);
      dispatcher_.serve_known(call_, route_, *identity_);
    } catch (const std::exception& exception) {
      call_.fail(detail::bug(exception).error());
    }
  }

  Dispatcher& dispatcher_;
  Call call_;
  const Route& route_;
  app::Presented presented_;
  std::optional<app::Identity> identity_;
  Result<> outcome_;
};

Dispatcher::Dispatcher(DispatcherOptions options, std::vector<Route> routes, app::Lane& lane,
                       const crypto::KeyRing& keys, const Clock& clock)
    : options_(std::move(options)), routes_(std::move(routes)), lane_(lane), keys_(keys), clock_(clock) {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Route& route = routes_[i];
    if (route.access.is_for_clients()) route.encode_error = count_failures(std::move(route.encode_error));
    paths_.add(route.method, route.pattern, i);
    LOG(debug, "route", {"method", http::method_name(route.method)}, {"pattern", route.pattern},
        {"access", route.access.name()});
  }
}

void Dispatcher::settled() noexcept { lane_.release_reads(); }

void Dispatcher::handle(http::Exchange& exchange) noexcept {
  lane_.hold_reads();  // until `settled`
  try {
    find_route(exchange);
  } catch (const std::exception& exception) {
    // A bug before anything was submitted: whoever is behind `exchange` still waits.
    LOG(error, "bug", {"trace_id", exchange.request().trace_id}, {"detail", exception.what()});
    exchange.respond(options_.encode_error(detail::bug(exception).error(), exchange.request()));
  }
}

void Dispatcher::find_route(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const Moment now = std::chrono::steady_clock::now();
  const auto match = paths_.find(request.method, request.path);
  const bool is_found = match.matched == http::Matched::found;
  const ErrorEncoder& encode = is_found ? routes_[match.index].encode_error : options_.encode_error;
  if (!is_of_watchers(request.path)) {
    note_asked(now);
    if (options_.limiter != nullptr)
      if (const auto slowdown = options_.limiter->admit(client_of(request), now))
        return refuse_client(exchange, encode, *slowdown, too_many_requests);
  }
  if (match.matched == http::Matched::no_such_path)
    return exchange.respond(options_.encode_error(
        Error{ErrorCode::not_found, "not_found", "There is nothing at this address.", {}, {}}, request));
  if (match.matched == http::Matched::no_such_method)
    return exchange.respond(method_not_allowed(options_.encode_error, request, match.allow));
  const Route& route = routes_[match.index];
  const Call call{exchange, match.path, {}, route.encode_error, lane_};
  if (route.access.is_for_clients() && options_.limiter != nullptr)
    if (const auto slowdown = options_.limiter->look_up(client_of(request), now))
      return refuse_client(exchange, encode, *slowdown, too_many_attempts);
  if (!route.access.needs_caller()) return serve(call, route);
  authenticate(call, route, now);
}

bool Dispatcher::is_of_watchers(std::string_view path) const {
  return std::ranges::find(options_.watchers_paths, path) != options_.watchers_paths.end();
}

// Seldom enough that event loops do not take the same line of memory from one another with each request.
void Dispatcher::note_asked(Moment now) {
  if (now - last_asked_.load(std::memory_order_relaxed) < noted_every) return;
  last_asked_.store(now, std::memory_order_relaxed);
}

bool Dispatcher::was_asked_lately() const {
  return std::chrono::steady_clock::now() - last_asked_.load(std::memory_order_relaxed) < lately;
}

void Dispatcher::refuse_client(http::Exchange& exchange, const ErrorEncoder& encode, const Slowdown& slowdown,
                               std::string_view message) {
  exchange.respond(refusal(encode, exchange.request(), slowdown, message));
}

http::Response Dispatcher::failed_attempt(const ErrorEncoder& encode, const Error& error,
                                          const http::Request& request) const {
  if (options_.limiter != nullptr)
    if (const auto slowdown =
            options_.limiter->fail_to_authenticate(client_of(request), std::chrono::steady_clock::now()))
      return refusal(encode, request, *slowdown, too_many_attempts);
  return encode(error, request);
}

ErrorEncoder Dispatcher::count_failures(ErrorEncoder encode) const {
  return [this, encode = std::move(encode)](const Error& error, const http::Request& request) {
    return error.code == ErrorCode::unauthenticated ? failed_attempt(encode, error, request) : encode(error, request);
  };
}

void Dispatcher::turn_away(const Call& call, const Error& error) {
  if (error.code != ErrorCode::unauthenticated) return call.fail(error);
  call.respond(failed_attempt(call.encode_error, error, call.exchange.request()));
}

Result<> Dispatcher::check_staging_token(const http::Request& request) const {
  if (!options_.staging_token) return {};
  const std::size_t sent = request.count("X-Qonto-Staging-Token");
  if (sent == 0 && options_.staging_token_rule == StagingToken::optional) return {};
  const auto token = request.field("X-Qonto-Staging-Token");
  if (token && options_.staging_token->equals(*token)) return {};
  return fail(ErrorCode::unauthenticated, "unauthorized", "The X-Qonto-Staging-Token is missing or wrong.");
}

void Dispatcher::authenticate(Call call, const Route& route, Moment now) {
  const http::Request& request = call.exchange.request();
  if (auto checked = check_staging_token(request); !checked) return turn_away(call, checked.error());
  const auto field = request.field("Authorization");
  if (field)
    if (const auto* identity = cache_of_this_loop().find(*field, now)) return serve_known(call, route, *identity);
  auto presented = app::read_authorization(field, request.count("Authorization"), keys_);
  if (!presented) return turn_away(call, presented.error());
  // What was good not long ago is always asked about again: whoever fails behind the same address does not matter to
  // it.
  if (options_.limiter != nullptr && !known_.has(presented->hash))
    if (const auto slowdown = options_.limiter->look_up(client_of(request), now))
      return refuse_client(call.exchange, call.encode_error, *slowdown, too_many_attempts);
  lane_.submit_read(*new Lookup(*this, call, route, *std::move(presented)));
}

void Dispatcher::note_use(const app::Identity& identity) {
  if (options_.last_uses == nullptr || identity.kind != app::CredentialKind::api_key) return;
  options_.last_uses->note({identity.caller.organization, ApiKeyId(identity.caller.principal), clock_.now()});
}

void Dispatcher::serve_known(Call call, const Route& route, const app::Identity& identity) {
  const auto& scope = route.access.required();
  auto caller = app::confirm(identity, clock_.now());
  if (!caller) return turn_away(call, caller.error());
  // The key is good, only not here: that is no failed attempt.
  if (options_.api_keys == app::ApiKeyOnPaymentLinks::refused && identity.kind == app::CredentialKind::api_key &&
      scope && app::is_of_payment_links(*scope))
    return call.fail({ErrorCode::unauthenticated, "unauthorized", "OAuth2 authentication is required here", {}, {}});
  call.caller = *caller;
  if (scope)
    if (auto allowed = app::require_scope(call.caller, *scope); !allowed) return call.fail(allowed.error());
  serve(call, route);
}

void Dispatcher::serve(const Call& call, const Route& route) {
  if (options_.writes != nullptr && route.method != http::Method::get) {
    const auto ticket = options_.writes->enter(client_of(call.exchange.request()));
    if (!ticket) return refuse_client(call.exchange, call.encode_error, writes_slowdown, too_many_writes);
    call.exchange.note(*ticket);  // until `answered`
  }
  route.endpoint->serve(call);
}

Task<Result<int>> Dispatcher::resume_flows(int limit) {
  int found = 0;
  for (; found < limit; ++found) {
    CO_TRY(flow, co_await lane_.write(sql::Tenant::everybody(), app::take_over_flow));
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
  if (request.note != 0) options_.writes->leave(request.note);
  if (!log_enabled(LogLevel::info)) return;
  const std::string path = loggable(request.path);
  LOG(info, "request", {"trace_id", request.trace_id}, {"method", http::method_name(request.method)}, {"path", path},
      {"status", std::int64_t{status}}, {"duration_us", microseconds}, {"client", request.client_address});
}

}  // namespace paylink::runtime
