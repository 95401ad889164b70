#include "simulator/simulator.hpp"

#include "http/server.hpp"
#include "pages/site.hpp"
#include "simulator/database.hpp"
#include "simulator/handler.hpp"
#include "simulator/notifier.hpp"

namespace paylink::simulator {
namespace {

constexpr std::string_view select_port = "SELECT port FROM listening";

constexpr std::string_view upsert_port =
    "INSERT INTO listening (place, port) VALUES (1, $1) ON CONFLICT (place) DO UPDATE SET port = $1";

class RunningSimulator final : public Simulator {
 public:
  // `site`: absent when `shared` is there.
  RunningSimulator(std::unique_ptr<Database> database, std::optional<pages::Site> site, const pages::Site* shared,
                   http::Client& client)
      : database_(std::move(database)),
        site_(std::move(site)),
        notifier_(*database_, client, faults_),
        handler_(*database_, shared ? *shared : *site_, [this] { notifier_.wake(); }, faults_, wire_) {}

  Result<> listen(const Options& options, Random& random) {
    http::Options server_options;
    server_options.address = options.address;
    server_options.port = options.port;
    server_options.thread_name = "simulator";
    server_options.limits.body_bytes = std::size_t{64} * 1024;
    server_options.limits.connections = 2000;
    server_options.loopback = http::Loopback::exempt;
    if (options.port == 0) server_options.port = TRY(last_port());
    auto server = http::Server::create(server_options, handler_, random);
    if (!server && options.port == 0 && server_options.port != 0) {
      server_options.port = 0;  // somebody else has it now
      server = http::Server::create(server_options, handler_, random);
    }
    server_ = TRY(std::move(server));
    TRY(keep_port(server_->port()));
    const bool v6 = options.address.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + options.address + "]" : options.address;
    base_url_ = "http://" + host + ":" + std::to_string(server_->port());
    handler_.serve_at(base_url_);
    return {};
  }

  const std::string& base_url() const override { return base_url_; }

  void start() override {
    notifier_.start();
    server_->start();
  }

  void stop() override {
    wire_.stop();
    server_->stop(std::chrono::seconds(2));
    notifier_.stop();
  }

 private:
  Result<std::uint16_t> last_port() {
    std::uint16_t port = 0;
    const auto step = [&](sql::Transaction& tx) -> Result<> {
      const sql::Rows rows = TRY(tx.query(select_port, {}));
      if (!rows.empty()) port = static_cast<std::uint16_t>(rows.front().integer(0));
      return {};
    };
    TRY(database_->write(step));
    return port;
  }
  Result<> keep_port(std::uint16_t port) {
    return database_->write([&](sql::Transaction& tx) { return tx.defer(upsert_port, {std::int64_t{port}}); });
  }

  std::unique_ptr<Database> database_;
  const std::optional<pages::Site> site_;
  FaultDial faults_;
  Wire wire_;
  Notifier notifier_;
  Handler handler_;
  std::unique_ptr<http::Server> server_;
  std::string base_url_;
};

}  // namespace

Result<std::unique_ptr<Simulator>> Simulator::create(const Options& options, const Clock& clock, Random& random,
                                                     http::Client& client) {
  auto database = TRY(Database::open(options.database, clock, random));
  std::optional<pages::Site> site;
  if (options.site == nullptr) site = TRY(pages::Site::create(pages::Transport::plain));
  auto simulator = std::make_unique<RunningSimulator>(std::move(database), std::move(site), options.site, client);
  TRY(simulator->listen(options, random));
  return std::unique_ptr<Simulator>(std::move(simulator));
}

}  // namespace paylink::simulator
