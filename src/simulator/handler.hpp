#pragma once

#include <functional>
#include <string>

#include "http/router.hpp"
#include "http/server.hpp"
#include "pages/site.hpp"
#include "simulator/call.hpp"
#include "simulator/database.hpp"
#include "simulator/faults.hpp"
#include "simulator/wire.hpp"

namespace paylink::simulator {

// Takes each request through its endpoint, in one transaction, on the server's own thread: this is no production code.
class Handler final : public http::Handler {
 public:
  // `changed` is called after each request that may have left a notification to send.
  // What `faults` say goes wrong, does so over `wire`.
  Handler(Database& database, const pages::Site& site, std::function<void()> changed, FaultDial& faults, Wire& wire);

  // Before the first request: where the links of the answers lead.
  void serve_at(std::string base_url) { base_url_ = std::move(base_url); }

  void handle(http::Exchange& exchange) noexcept override;
  http::Response refuse(int status, std::string_view reason, std::string_view message,
                        std::string_view trace_id) noexcept override;
  void answered(const http::Request& request, int status, std::int64_t microseconds) noexcept override;

 private:
  std::optional<Hit> next_fault(const http::Request& request);
  http::Response answer_guarded(const http::Request& request) noexcept;
  http::Response answer(const http::Request& request);
  Result<http::Response> run(const http::PathTable::Match& match, const http::Request& request);

  Database& database_;
  const pages::Site& site_;
  std::function<void()> changed_;
  FaultDial& faults_;
  Wire& wire_;
  http::PathTable paths_;
  std::string base_url_;
};

// Open payments expire and refunds move on as the clock says; before anything is read.
Result<> let_time_pass(sql::Transaction& tx);

}  // namespace paylink::simulator
