#include "main/node.hpp"

#include <algorithm>
#include <thread>

#include "account/routes.hpp"
#include "api/connections.hpp"
#include "api/errors_json.hpp"
#include "api/health.hpp"
#include "api/organization.hpp"
#include "api/payment_links.hpp"
#include "api/payment_methods.hpp"
#include "api/reference.hpp"
#include "api/refunds.hpp"
#include "app/audit.hpp"
#include "app/due_times.hpp"
#include "app/expire_links.hpp"
#include "app/flows.hpp"
#include "app/install.hpp"
#include "app/master_key.hpp"
#include "app/retention.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "checkout/routes.hpp"
#include "http/web_address.hpp"
#include "main/control.hpp"
#include "main/signals.hpp"
#include "main/write_now.hpp"
#include "oauth/authorize.hpp"
#include "oauth/metadata.hpp"
#include "oauth/token.hpp"
#include "onboarding/routes.hpp"
#include "pages/assets.hpp"
#include "providers/mollie/notifications.hpp"

namespace paylink::main {
namespace {

constexpr std::chrono::seconds drain_time{10};
// haproxy takes a server out after three looks two seconds apart, most others need no longer.
constexpr std::chrono::seconds shared_grace{10};
constexpr std::size_t readers_gone_on_with = 4'096;
constexpr int reconcilers = 16;  // at once: a provider that takes 150 ms is asked about a hundred payments a second
// Balancers and whoever restarts servers ask them by their address, and must never be turned away.
const std::vector<std::string> health_paths = {"/livez", "/readyz"};

pages::Transport transport_of(std::string_view public_url) {
  return public_url.starts_with("https://") ? pages::Transport::tls : pages::Transport::plain;
}

void append(std::vector<runtime::Route>& routes, std::vector<runtime::Route> more) {
  std::ranges::move(more, std::back_inserter(routes));
}

app::Notifications notifications_from(std::string_view provider_url, std::string_view public_url) {
  const auto is_here = [](std::string_view url) {
    const auto address = http::parse_web_address(url);
    return address && address->is_loopback();
  };
  const bool is_apart = is_here(public_url) && !is_here(provider_url);
  return is_apart ? app::Notifications::reach_nobody : app::Notifications::reach_us;
}

// As requests name it: without the scheme's usual port.
std::vector<std::string> allowed_hosts(const Settings& settings) {
  const auto address = http::parse_web_address(settings.public_url);
  return address ? std::vector{address->authority} : std::vector<std::string>();
}

Result<> end_leases(sql::Transaction& tx) {
  TRY(app::end_flow_leases(tx));
  return app::end_renewal_leases(tx);
}

Task<Result<int>> in_one_write(app::Lane& lane, Result<int> (*step)(int, sql::Transaction&), int chunk) {
  const auto run = [step, chunk](sql::Transaction& tx) { return step(chunk, tx); };
  auto done = co_await lane.write(sql::Tenant::everybody(), run);
  co_return done;
}

}  // namespace

class Node::Switchboard final : public http::Handler {
 public:
  void connect(http::Handler& target) { target_ = &target; }
  void handle(http::Exchange& exchange) noexcept override { target_->handle(exchange); }
  void settled() noexcept override { target_->settled(); }
  http::Response refuse(int status, std::string_view reason, std::string_view message,
                        std::string_view trace_id) noexcept override {
    return target_->refuse(status, reason, message, trace_id);
  }
  void answered(const http::Request& request, int status, std::int64_t microseconds) noexcept override {
    target_->answered(request, status, microseconds);
  }

 private:
  http::Handler* target_ = nullptr;
};

Node::Node(Parts parts) : parts_(std::move(parts)) {}

Node::~Node() = default;

Result<> Node::open_storage() {
  const Expected expected{.keys = &parts_.keys, .installation = parts_.installation};
  const auto database = TRY(Database::open(parts_.settings, parts_.data_dir, expected, parts_.clock, parts_.random));
  const auto check_data = [&](sql::Transaction& tx) -> Result<> {
    const bool is_installed = TRY(app::has_organization(tx));
    if (!is_installed && parts_.installation == Installation::is_there)
      return no_organization("the data of " + parts_.settings.data_dir);
    return app::check_master_key(parts_.keys, tx);
  };
  TRY(database->write(sql::Tenant::everybody(), check_data));
  shared_ = database->shared();
  page_ends_ = std::make_unique<app::PageEnds>(shared_ == Shared::yes ? 0 : readers_gone_on_with);
  // Alone on a database that nobody else uses: whoever ran a flow, or was renewing tokens, is gone.
  if (shared_ == Shared::no) TRY(database->write(sql::Tenant::everybody(), end_leases));
  // Where each question is a message to a server, marks are so near to one another that what lies between is merged.
  constexpr std::int64_t far = store::LinkMarks::Options{}.stride, near = 128;
  link_marks_ =
      std::make_unique<store::LinkMarks>(store::LinkMarks::Options{.stride = shared_ == Shared::yes ? near : far});
  lane_ = TRY(database->make_lane(parts_.settings, parts_.answer, *link_marks_));
  follower_ = std::make_unique<app::LinkFollower>(*link_marks_, *lane_);
  upkeep_ = database->upkeep(*lane_);
  return {};
}

Result<> Node::bind() {
  const Settings& settings = parts_.settings;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  http::Options options{.address = settings.address,
                        .port = settings.port,
                        .threads = std::max(1, cores - 1),
                        .limits = settings.limits,
                        .allowed_hosts = allowed_hosts(settings),
                        .any_host_paths = health_paths,
                        .trusted_proxies = settings.trusted_proxies,
                        .loopback = settings.loopback};
  switchboard_ = std::make_unique<Switchboard>();
  server_ = TRY(http::Server::create(options, *switchboard_, parts_.random));
  const bool v6 = settings.address.find(':') != std::string::npos;
  public_url_ = settings.public_url;
  if (public_url_.empty())
    public_url_ =
        "http://" + (v6 ? "[" + settings.address + "]" : settings.address) + ":" + std::to_string(server_->port());
  return {};
}

void Node::make_provider() {
  const crypto::KeyRing& keys = parts_.keys;
  provider_ = std::make_unique<providers::mollie::Provider>(*client_, parts_.provider_url, parts_.clock, parts_.random);
  app::PaymentProvider* provider = provider_.get();
  if (parts_.application) {
    auto& [client_id, secret, authorize_url] = *parts_.application;
    connect_ = std::make_unique<providers::mollie::Connect>(
        provider_->client(), providers::mollie::Application{client_id, secret, authorize_url,
                                                            public_url_ + std::string(onboarding::return_path)});
    renewal_ = std::make_unique<app::TokenRenewal>(*lane_, *connect_, keys);
    refreshing_ = std::make_unique<app::RefreshingProvider>(*provider_, *renewal_);
    connect_account_ = std::make_unique<app::ConnectAccount>(*lane_, *connect_, keys);
    provider = refreshing_.get();
  }
  payments_ = std::make_unique<app::Payments>(*lane_, *provider, keys, public_url_,
                                              notifications_from(parts_.provider_url, public_url_));
  chargeback_looks_ = std::make_unique<app::ChargebackLooks>(*lane_, *provider, keys);
  methods_ = std::make_unique<app::OfferedMethods>(*lane_, *provider, keys, parts_.clock);
  provider_keys_ = std::make_unique<app::ProviderKeys>(*lane_, *provider, keys);
}

// Without a public URL it is reached by plain HTTP.
Result<std::shared_ptr<const pages::Site>> Node::make_site(const Settings& settings) {
  return std::make_shared<const pages::Site>(TRY(pages::Site::create(transport_of(settings.public_url))));
}

Result<std::unique_ptr<Node>> Node::create(Parts parts) {
  std::unique_ptr<Node> node(new Node(std::move(parts)));
  TRY(node->open_storage());
  TRY(node->bind());
  node->client_ = http::Client::create();
  node->make_provider();
  node->sign_in_ = std::make_unique<app::SignIn>(*node->lane_, node->passwords_, node->parts_.keys);
  node->site_ = node->parts_.site ? node->parts_.site : TRY(make_site(node->parts_.settings));
  return node;
}

std::vector<runtime::Route> Node::own_routes() {
  std::vector<runtime::Route> routes;
  const auto& compat = parts_.settings.compat;
  append(routes, api::health_routes(is_stopping_));
  append(routes, api::reference_routes(*site_, transport_of(public_url_)));
  append(routes, api::organization_routes());
  append(routes, api::connection_routes({parts_.keys, parts_.clock, compat, public_url_, parts_.onboarding}));
  append(routes, api::payment_method_routes(*methods_));
  append(routes, api::payment_link_routes(
                     {*lane_, *payments_, parts_.clock, parts_.keys, *page_ends_, *follower_, compat, public_url_}));
  append(routes, api::refund_routes(compat));
  append(routes, providers::mollie::notification_routes(*payments_, api::encode_error));
  append(routes, oauth::metadata_routes(public_url_, api::encode_error));
  append(routes, oauth::token_routes(parts_.keys));
  append(routes, oauth::consent_routes(api::encode_error));
  append(routes, oauth::authorize_routes({*lane_, *site_, parts_.keys, parts_.clock, transport_of(public_url_),
                                          public_url_, parts_.settings.oauth_code_life}));
  append(routes, checkout::routes({*site_, *payments_, *lane_, parts_.keys, parts_.clock, parts_.random, compat,
                                   api::encode_error}));
  append(routes, account::routes({*site_, session::Cookies(transport_of(public_url_), parts_.keys), *lane_, *sign_in_,
                                  parts_.keys, parts_.clock, parts_.random}));
  if (parts_.onboarding == app::Onboarding::provider)
    append(routes, onboarding::routes({*site_, session::Cookies(transport_of(public_url_), parts_.keys), *lane_,
                                       *provider_keys_, connect_account_.get(), parts_.keys, parts_.clock}));
  runtime::Routes assets(api::encode_error);
  assets.plain(http::Method::get, "/assets/{file}", [](const runtime::Input& input) -> Result<http::Response> {
    auto asset = pages::asset(input.request.path);
    if (!asset) return fail(ErrorCode::not_found, "not_found", "There is nothing at this address.");
    return *std::move(asset);
  });
  append(routes, assets.take());
  return routes;
}

// All that has been noted, some at a time so that nobody's write waits long.
Result<> Node::store_last_uses() {
  for (auto uses = last_uses_.take(500); !uses.empty(); uses = last_uses_.take(500)) {
    auto stored = write_now(*lane_, sql::Tenant::everybody(),
                            [&uses](sql::Transaction& tx) { return app::store_uses(uses, tx); });
    if (stored) continue;
    for (const auto& use : uses) last_uses_.note(use);
    return stored;
  }
  return {};
}

Task<Result<int>> Node::look_after_last_uses(int) {
  CO_CHECK(store_last_uses());
  co_return 0;
}

// Where the log of the server itself is kept elsewhere, it tells of entries that were taken from the end.
Task<Result<int>> Node::bind_audit_events(int chunk) {
  std::string head;
  const auto bind = [this, chunk, &head](sql::Transaction& tx) -> Result<int> {
    const int bound = TRY(app::bind_audit_events(chunk, parts_.keys, tx));
    if (bound > 0) head = store::write_audit_head(TRY(store::AuditLog(tx).head()));
    return bound;
  };
  CO_TRY(bound, co_await lane_->write(sql::Tenant::everybody(), bind));
  if (bound > 0) LOG(info, "audit_head", {"head", head});
  co_return bound;
}

std::vector<runtime::WorkerJob> Node::jobs() {
  app::Lane& lane = *lane_;
  app::Payments& payments = *payments_;
  const auto expire = [&lane](int chunk) { return in_one_write(lane, app::expire_links, chunk); };
  const auto purge = [&lane](int chunk) { return in_one_write(lane, app::purge_old_rows, chunk); };
  const auto bring_forward = [&lane](int chunk) { return in_one_write(lane, app::bring_forward, chunk); };
  const std::chrono::milliseconds soon(500);
  std::vector<runtime::WorkerJob> jobs = {
      // A request that comes meanwhile waits for one chunk of what is due, not for all of it.
      {"expire_links", soon, 20, expire, 1, true},
      {"due_times", std::chrono::minutes(1), 100, bring_forward, 1, true},
      {"retention", std::chrono::minutes(1), 100, purge, 1, true},
      {"last_uses", std::chrono::minutes(1), 500, [this](int chunk) { return look_after_last_uses(chunk); }},
      {"chargebacks", std::chrono::minutes(1), 50, [this](int chunk) { return chargeback_looks_->look(chunk); }},
      {"audit", soon, 500, [this](int chunk) { return bind_audit_events(chunk); }},
      {"resume_flows", soon, 50, [this](int chunk) { return dispatcher_->resume_flows(chunk); }},
      {"reconcile_refunds", soon, 5, [&payments](int chunk) { return payments.reconcile_refunds(chunk); }, 4},
      {"reconcile_attempts", soon, 5, [&payments](int chunk) { return payments.reconcile_attempts(chunk); },
       reconcilers}};
  std::ranges::move(upkeep_, std::back_inserter(jobs));
  if (renewal_)
    jobs.push_back({"provider_grants", soon, 50, [this](int chunk) { return renewal_->look_after(chunk); }});
  if (limiter_ && shared_ == Shared::yes) {
    exchange_ = std::make_unique<runtime::CountExchange>(*limiter_, lane, parts_.clock, parts_.random);
    jobs.push_back({"exchange_counts", std::chrono::seconds(1), 500,
                    [this](int) { return exchange_->exchange(std::chrono::steady_clock::now()); }});
  }
  return jobs;
}

void Node::limit_clients(runtime::DispatcherOptions& options) {
  const Settings& settings = parts_.settings;
  Random& random = parts_.random;
  if (settings.rate_limits)
    limiter_ = std::make_unique<runtime::ClientLimiter>(settings.client_limits, settings.loopback, random.number());
  writes_ = std::make_unique<runtime::ClientWrites>(settings.writes_per_client, settings.loopback, random.number());
  options.limiter = limiter_.get();
  options.writes = writes_.get();
  options.watchers_paths = health_paths;
}

Result<> Node::start(std::vector<runtime::Route> more_routes, runtime::DispatcherOptions options,
                     std::vector<runtime::WorkerJob> more_jobs) {
  control_ =
      TRY(control::Server::create(parts_.data_dir.file(control_socket), [this](std::string_view line, uid_t user) {
        const Transactor write = [this](const ControlStep& step) {
          return write_now(*lane_, sql::Tenant::everybody(), step);
        };
        const std::string who = "uid " + std::to_string(user);
        std::string answer = run_control_line(line, who, &parts_.keys, write);
        const std::string_view outcome = is_done(answer) ? "done" : "refused";
        LOG(info, "control", {"command", control_command(line)}, {"by", who}, {"outcome", outcome});
        return answer;
      }));
  options.last_uses = &last_uses_;
  auto routes = own_routes();
  append(routes, std::move(more_routes));
  limit_clients(options);
  dispatcher_ =
      std::make_unique<runtime::Dispatcher>(std::move(options), std::move(routes), *lane_, parts_.keys, parts_.clock);
  switchboard_->connect(*dispatcher_);
  server_->start();
  std::ranges::move(jobs(), std::back_inserter(more_jobs));
  for (const std::string& name : unknown_variables()) LOG(warn, "unknown_variable", {"name", name});
  // Requests to other nodes are not seen here.
  const auto others_are_there = [this] { return shared_ == Shared::yes || dispatcher_->was_asked_lately(); };
  workers_ = std::make_unique<runtime::Workers>(std::move(more_jobs), others_are_there);
  return {};
}

std::chrono::milliseconds Node::grace() const {
  const std::chrono::milliseconds usual = shared_ == Shared::yes ? shared_grace : std::chrono::seconds(0);
  return parts_.settings.shutdown_grace.value_or(usual);
}

void Node::serve_until_signal() {
  wait_for_signal();
  LOG(info, "stopping", {"grace_ms", std::int64_t{grace().count()}});
  is_stopping_ = true;
  server_->retire();
  wait_for_signal(grace());
  stop();
}

// Flows may still be anywhere: waiting for the provider, or for the lane. First nobody begins one any more; then those
// that wait for the provider or for a password hear that it is over, and those that wait for the lane are run to their
// end.
void Node::stop() {
  server_->stop(drain_time);
  payments_->stop();
  chargeback_looks_->stop();
  if (renewal_) renewal_->stop();
  client_->stop();
  passwords_.stop();
  workers_.reset();
  control_.reset();
  if (auto stored = store_last_uses(); !stored)
    LOG(warn, "last_uses_lost", {"reason", stored.error().reason}, {"detail", stored.error().detail});
  lane_.reset();
  client_.reset();
}

}  // namespace paylink::main
