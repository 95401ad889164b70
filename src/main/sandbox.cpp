#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "api/errors_json.hpp"
#include "crypto/password.hpp"
#include "json/document.hpp"
#include "main/commands.hpp"
#include "main/node.hpp"
#include "main/write_now.hpp"
#include "runtime/run_now.hpp"
#include "sandbox/connect.hpp"
#include "sandbox/routes.hpp"
#include "sandbox/seed.hpp"
#include "simulator/simulator.hpp"

#ifndef PAYLINK_ANSWER
#define PAYLINK_ANSWER after_commit
#endif

namespace paylink::main {
namespace {

// In the data directory too, for those who join.
constexpr char ready_name[] = "ready.json";

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

Result<std::string> choose_data_dir(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  std::string name = (std::filesystem::temp_directory_path() / "paylink-sandbox-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return fail(ErrorCode::unavailable, "data_dir_unusable",
                "Cannot create a temporary data directory: use --data-dir.");
  return name;
}

// By then the data is of the seed's keys.
bool is_of_port(const Error& error) { return error.reason == "address_in_use" || error.reason == "cannot_listen"; }

// Of an earlier run, as whoever waits for it must not take it for this one's.
Result<> forget_ready(const std::string& file) {
  std::error_code error;
  std::filesystem::remove(file, error);
  if (!error) return {};
  return fail(ErrorCode::unavailable, "ready_file_unusable",
              "The file " + file + " of an earlier run cannot be removed: " + error.message() + ".");
}

Result<sandbox::Seed> find_seed(const DataDir& data_dir, const Clock& clock, Random& random) {
  auto text = read_file(data_dir.file("seed"));
  if (text) return sandbox::Seed::parse(*text);
  if (text.error().code != ErrorCode::not_found) return std::move(text).failure();
  const auto seed = sandbox::Seed::create(clock.now(), random);
  TRY(write_file(data_dir.file("seed"), seed.text()));
  return seed;
}

// What a server that joins takes from the data directory of the sandbox that runs there: its seed, and the address of
// its simulator.
Result<std::string> join(const SandboxOptions& options, const DataDir& data_dir) {
  const std::string theirs = options.join + "/";
  auto seed = read_file(theirs + "seed");
  auto ready = read_file(theirs + ready_name);
  if (!seed || !ready)
    return fail(ErrorCode::invalid_input, "bad_setting", "No sandbox runs on the data directory " + options.join + ".");
  if (!options.settings.database.starts_with("postgres"))
    return fail(ErrorCode::invalid_input, "bad_setting",
                "Only servers on one PostgreSQL database can be joined: say --database postgresql://… to both.");
  const auto document = json::Document::parse(*ready);
  const auto url = document ? json::member(document->root(), "simulator_url", json::Type::text) : std::nullopt;
  if (!url) return fail(ErrorCode::internal, "bad_ready_file", "The file " + theirs + ready_name + " is damaged.");
  TRY(write_file(data_dir.file("seed"), *seed));
  return std::string(url->text());
}

Task<Result<int>> follow(app::Lane& lane, MovableClock& clock) {
  const auto step = [&clock](sql::Transaction& tx) { return sandbox::follow_clock(clock, tx); };
  CO_CHECK(co_await lane.read(sql::Tenant::nobody(), step));
  co_return 0;
}

// Stores the sandbox's organization when this directory has none yet.
Result<> plant(app::Lane& lane, const crypto::KeyRing& keys, sandbox::Credentials& credentials) {
  const auto planted =
      write_now(lane, sql::Tenant::everybody(), [](sql::Transaction& tx) { return app::has_organization(tx); });
  if (!planted) return Failure{planted.error()};
  if (*planted) return {};
  auto& hash = credentials.installation.password_hash;
  if (hash.empty()) hash = TRY(crypto::hash_password(credentials.password));
  auto done = write_now(lane, sql::Tenant::everybody(), [&](sql::Transaction& tx) -> Result<> {
    TRY(app::install(credentials.installation, keys, tx));
    return app::install_sandbox_access(credentials.installation, credentials.access, keys, tx);
  });
  // Another server of the same sandbox has been quicker.
  if (!done && done.error().code == ErrorCode::conflict) return {};
  return done;
}

Result<> start(Node& node, const SandboxOptions& options, const sandbox::Credentials& credentials,
               const crypto::KeyRing& keys, MovableClock& clock, Random& random, const std::string& simulator_url) {
  const Settings& settings = options.settings;
  runtime::DispatcherOptions dispatcher;
  dispatcher.encode_error = api::encode_error;
  dispatcher.api_keys = settings.compat.api_key_on_payment_links;
  dispatcher.staging_token = credentials.staging_token;
  if (settings.require_staging_token) dispatcher.staging_token_rule = runtime::StagingToken::required;
  const sandbox::Tools tools{credentials.installation.organization.id,
                             node.payments(),
                             node.lane(),
                             node.client(),
                             clock,
                             random,
                             keys,
                             node.site(),
                             simulator_url};
  auto routes = sandbox::routes(tools, api::encode_error);
  const auto page = options.real_onboarding ? sandbox::DecisionPage::left_out : sandbox::DecisionPage::there;
  for (auto& route : sandbox::connect_routes(tools, page, api::encode_error)) routes.push_back(std::move(route));
  std::vector<runtime::WorkerJob> jobs;
  if (node.shared() == Shared::yes)
    jobs.push_back({"follow_clock", std::chrono::milliseconds(250), 1,
                    [&node, &clock](int) { return follow(node.lane(), clock); }});
  return node.start(std::move(routes), std::move(dispatcher), std::move(jobs));
}

}  // namespace

Result<int> sandbox(SandboxOptions options) {
  Settings& settings = options.settings;
  if (!options.allow_remote && !is_loopback(settings.address))
    return fail(ErrorCode::invalid_input, "bad_setting",
                "The sandbox listens on loopback only, not on " + settings.address +
                    ": anybody who reaches it may use it. Say --allow-remote if that is what you want.");
  if (!options.rate_limits) settings.loopback = http::Loopback::exempt;
  if (!settings.shutdown_grace) settings.shutdown_grace = std::chrono::milliseconds(0);
  settings.data_dir = TRY(choose_data_dir(settings.data_dir));
  auto data_dir = TRY(DataDir::open(settings.data_dir));
  SystemClock system_clock;
  MovableClock clock(system_clock);
  SystemRandom random;
  std::string simulator_url;
  if (!options.join.empty()) simulator_url = TRY(join(options, *data_dir));
  const bool is_new = !std::filesystem::exists(data_dir->file("seed"));
  const auto seed = TRY(find_seed(*data_dir, clock, random));
  const auto keys = crypto::KeyRing::of_master(sandbox::master_key(seed));
  auto credentials = sandbox::grow(seed, options.connected ? sandbox::Connected::yes : sandbox::Connected::no);
  // Before there is more in memory: hashing takes 32 MiB.
  if (is_new) credentials.installation.password_hash = TRY(crypto::hash_password(credentials.password));

  const auto site = TRY(Node::make_site(settings));
  const auto notices = http::Client::create();
  std::unique_ptr<simulator::Simulator> simulator;
  if (options.join.empty()) {
    simulator = TRY(simulator::Simulator::create(
        {.address = "127.0.0.1", .database = data_dir->file("simulator.db"), .site = site.get()}, clock, random,
        *notices));
    simulator_url = simulator->base_url();
  }
  const auto [client_id, client_secret] = sandbox::provider_application(seed);
  const auto onboarding = options.real_onboarding ? app::Onboarding::provider : app::Onboarding::sandbox;
  auto created = Node::create({settings, *data_dir, clock, random, keys, simulator_url, onboarding,
                               Node::Application{client_id, client_secret, simulator_url + "/oauth2/authorize"},
                               runtime::Answer::PAYLINK_ANSWER, site, Installation::may_be_new});
  // Somebody else's installation stays one.
  if (!created && is_new && !is_of_port(created.error())) std::filesystem::remove(data_dir->file("seed"));
  const auto node = TRY(std::move(created));
  TRY(forget_ready(data_dir->file(ready_name)));
  if (options.ready_file) TRY(forget_ready(*options.ready_file));
  TRY(plant(node->lane(), keys, credentials));
  TRY(runtime::run_now(follow(node->lane(), clock)));
  if (simulator) simulator->start();
  TRY(start(*node, options, credentials, keys, clock, random, simulator_url));

  const std::string ready = sandbox::ready_json(credentials, node->public_url(), simulator_url, ::getpid());
  TRY(write_file(data_dir->file(ready_name), ready));
  if (options.ready_file) TRY(write_file(*options.ready_file, ready));
  std::cout << ready << std::flush;
  node->serve_until_signal();
  if (simulator) simulator->stop();
  return 0;
}

}  // namespace paylink::main
