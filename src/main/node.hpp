#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/chargeback_looks.hpp"
#include "app/connect_account.hpp"
#include "app/connections.hpp"
#include "app/last_uses.hpp"
#include "app/link_follower.hpp"
#include "app/offered_methods.hpp"
#include "app/page_ends.hpp"
#include "app/payments.hpp"
#include "app/provider_keys.hpp"
#include "app/refreshing_provider.hpp"
#include "app/sign_in.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "control/server.hpp"
#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "main/data_dir.hpp"
#include "main/database.hpp"
#include "main/settings.hpp"
#include "pages/site.hpp"
#include "providers/mollie/connect.hpp"
#include "providers/mollie/provider.hpp"
#include "runtime/count_exchange.hpp"
#include "runtime/dispatcher.hpp"
#include "runtime/password_pool.hpp"
#include "runtime/workers.hpp"

namespace paylink::main {

// The server proper, the same for `serve` and `sandbox`: storage, provider, pages, routes, workers.
class Node {
 public:
  // Of ours at the provider, by which merchants authorize us.
  struct Application {
    std::string client_id;
    Secret client_secret;
    std::string authorize_url;
  };

  struct Parts {
    const Settings& settings;
    DataDir& data_dir;
    const Clock& clock;
    Random& random;
    const crypto::KeyRing& keys;
    std::string provider_url;
    app::Onboarding onboarding = app::Onboarding::provider;
    std::optional<Application> application{};  // ours at the provider; absent: merchants show API keys only
    runtime::Answer answer = runtime::Answer::after_commit;
    std::shared_ptr<const pages::Site> site{};  // what `make_site` made, when others use it too
    Installation installation = Installation::is_there;
  };

  static Result<std::shared_ptr<const pages::Site>> make_site(const Settings& settings);

  // Opens and migrates the database and binds the port, without serving yet.
  static Result<std::unique_ptr<Node>> create(Parts parts);
  ~Node();

  app::Lane& lane() { return *lane_; }
  app::Payments& payments() { return *payments_; }
  http::Client& client() { return *client_; }
  const pages::Site& site() { return *site_; }
  // Where browsers and clients reach this node.
  const std::string& public_url() const { return public_url_; }
  std::uint16_t port() const { return server_->port(); }

  // Whether other nodes may be at the same database.
  Shared shared() const { return shared_; }

  // Serves its own routes and these, and does its own jobs and these.
  // Fails when the control socket cannot be made.
  Result<> start(std::vector<runtime::Route> more_routes, runtime::DispatcherOptions options,
                 std::vector<runtime::WorkerJob> more_jobs = {});
  // Until the program is told to end. Then it serves on for the grace in which balancers learn that it is not ready any
  // more, or until it is told again, lets what is under way end, and stops.
  void serve_until_signal();

 private:
  // The server needs a handler before there is one: nothing is accepted until `start`.
  class Switchboard;

  explicit Node(Parts parts);
  Result<> open_storage();
  Result<> bind();
  void make_provider();
  std::vector<runtime::Route> own_routes();
  std::vector<runtime::WorkerJob> jobs();
  std::chrono::milliseconds grace() const;
  void stop();
  void limit_clients(runtime::DispatcherOptions& options);
  Result<> store_last_uses();
  Task<Result<int>> look_after_last_uses(int chunk);
  Task<Result<int>> bind_audit_events(int chunk);

  Parts parts_;
  app::LastUses last_uses_;
  Shared shared_ = Shared::no;
  std::atomic<bool> is_stopping_{false};
  std::unique_ptr<store::LinkMarks> link_marks_;  // is told by the lane where nobody else writes
  std::unique_ptr<app::LinkFollower> follower_;   // outlives what waits in the lane
  std::unique_ptr<app::Lane> lane_;
  std::vector<runtime::WorkerJob> upkeep_;  // of the storage, until `jobs` takes them
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<Switchboard> switchboard_;
  std::unique_ptr<http::Server> server_;
  std::string public_url_;
  std::unique_ptr<providers::mollie::Provider> provider_;
  std::unique_ptr<providers::mollie::Connect> connect_;  // absent without an application, and so are the next three
  std::unique_ptr<app::TokenRenewal> renewal_;
  std::unique_ptr<app::RefreshingProvider> refreshing_;
  std::unique_ptr<app::ConnectAccount> connect_account_;
  std::unique_ptr<app::Payments> payments_;
  std::unique_ptr<app::ChargebackLooks> chargeback_looks_;
  std::unique_ptr<app::OfferedMethods> methods_;
  std::unique_ptr<app::PageEnds> page_ends_;
  std::unique_ptr<app::ProviderKeys> provider_keys_;
  runtime::PasswordPool passwords_;
  std::unique_ptr<app::SignIn> sign_in_;
  std::shared_ptr<const pages::Site> site_;
  std::unique_ptr<runtime::ClientLimiter> limiter_;
  std::unique_ptr<runtime::CountExchange> exchange_;
  std::unique_ptr<runtime::ClientWrites> writes_;
  std::unique_ptr<runtime::Dispatcher> dispatcher_;
  std::unique_ptr<runtime::Workers> workers_;
  std::unique_ptr<control::Server> control_;
};

}  // namespace paylink::main
