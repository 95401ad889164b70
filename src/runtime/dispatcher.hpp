#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "app/authenticate.hpp"
#include "app/compat.hpp"
#include "app/last_uses.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "runtime/client_limiter.hpp"
#include "runtime/client_writes.hpp"
#include "runtime/known_credentials.hpp"
#include "runtime/routes.hpp"

namespace paylink::runtime {

enum class StagingToken : std::uint8_t { optional, required };

struct DispatcherOptions {
  ErrorEncoder encode_error;  // for what belongs to no route
  app::ApiKeyOnPaymentLinks api_keys = app::ApiKeyOnPaymentLinks::accepted;
  // Of the sandbox: a wrong X-Qonto-Staging-Token is refused; with `required` a missing one too.
  std::optional<Secret> staging_token;
  StagingToken staging_token_rule = StagingToken::optional;
  // What one client may do; null: anything. Whoever owns them keeps them as long as the dispatcher lives.
  ClientLimiter* limiter = nullptr;
  ClientWrites* writes = nullptr;
  std::vector<std::string> watchers_paths;  // asked by who watches over the server: not limited, not counted
  app::LastUses* last_uses = nullptr;       // told of API keys as they are looked up: twice a second at most for each
};

// Takes every request from the server to its route: finds it, finds out who calls, checks the scope.
class Dispatcher final : public http::Handler {
 public:
  Dispatcher(DispatcherOptions options, std::vector<Route> routes, app::Lane& lane, const crypto::KeyRing& keys,
             const Clock& clock);

  // Runs flows again whose runner is gone, at most `limit`; answers how many there were. For a worker.
  Task<Result<int>> resume_flows(int limit);
  // Whether anybody but who watches over the server has asked for anything within the last second. From any thread.
  bool was_asked_lately() const;

  void handle(http::Exchange& exchange) noexcept override;
  void settled() noexcept override;
  http::Response refuse(int status, std::string_view reason, std::string_view message,
                        std::string_view trace_id) noexcept override;
  void answered(const http::Request& request, int status, std::int64_t microseconds) noexcept override;

 private:
  class Lookup;

  void find_route(http::Exchange& exchange);
  bool is_of_watchers(std::string_view path) const;
  void note_asked(Moment now);
  void authenticate(Call call, const Route& route, Moment now);
  Task<Result<>> resume(app::RunningFlow flow);
  void serve_known(Call call, const Route& route, const app::Identity& identity);
  void note_use(const app::Identity& identity);
  Result<> check_staging_token(const http::Request& request) const;
  // Answers who could not prove who he is: with 401 as long as he has not tried too often.
  void turn_away(const Call& call, const Error& error);
  // 401, or 429 when the client has none of those left.
  http::Response failed_attempt(const ErrorEncoder& encode, const Error& error, const http::Request& request) const;
  ErrorEncoder count_failures(ErrorEncoder encode) const;
  void refuse_client(http::Exchange& exchange, const ErrorEncoder& encode, const Slowdown& slowdown,
                     std::string_view message);
  void serve(const Call& call, const Route& route);

  DispatcherOptions options_;
  std::vector<Route> routes_;
  http::PathTable paths_;
  KnownCredentials known_;
  app::Lane& lane_;
  const crypto::KeyRing& keys_;
  const Clock& clock_;
  std::atomic<Moment> last_asked_{};
};

}  // namespace paylink::runtime
