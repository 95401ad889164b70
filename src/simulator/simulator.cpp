#include "simulator/simulator.hpp"

#include "http/server.hpp"
#include "pages/site.hpp"
#include "simulator/database.hpp"
#include "simulator/handler.hpp"
#include "simulator/notifier.hpp"

namespace paylink::simulator {
namespace {

class RunningSimulator final : public Simulator {
 public:
  RunningSimulator(std::unique_ptr<Database> database, pages::Site site, http::Client& client)
      : database_(std::move(database)),
        notifier_(*database_, client),
        handler_(*database_, std::move(site), [this] { notifier_.wake(); }) {}

  Result<> listen(const Options& options, Random& random) {
    http::Options server_options;
    server_options.address = options.address;
    server_options.port = options.port;
    server_options.limits.body_bytes = 64 * 1024;
    server_options.limits.connections = 2000;
    server_ = TRY(http::Server::create(server_options, handler_, random));
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
    server_->stop(std::chrono::seconds(2));
    notifier_.stop();
  }

 private:
  std::unique_ptr<Database> database_;
  Notifier notifier_;
  Handler handler_;
  std::unique_ptr<http::Server> server_;
  std::string base_url_;
};

}  // namespace

Result<std::unique_ptr<Simulator>> Simulator::create(const Options& options, const Clock& clock, Random& random,
                                                     http::Client& client) {
  auto database = TRY(Database::open(options.database_path, clock, random));
  auto site = TRY(pages::Site::create(pages::Transport::plain));
  auto simulator = std::make_unique<RunningSimulator>(std::move(database), std::move(site), client);
  TRY(simulator->listen(options, random));
  return std::unique_ptr<Simulator>(std::move(simulator));
}

}  // namespace paylink::simulator
