// Every fault of the simulator's dial with every call of the connector (quality: W1), once and until it is cleared:
// what the call says, what is booked meanwhile, what the payer's page says, and that all is well afterwards. Both lists
// are the program's own, so that a new call or fault without an entry here fails.

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <set>
#include <thread>

#include "app/testing.hpp"
#include "checkout/routes.hpp"
#include "providers/mollie/connect.hpp"
#include "providers/mollie/provider.hpp"
#include "runtime/dispatcher.hpp"
#include "simulator/faults.hpp"
#include "simulator/simulator.hpp"
#include "simulator/testing.hpp"

namespace paylink {
namespace {

using namespace std::chrono_literals;
using app::testing::Shop;
using providers::mollie::Operation;
using providers::mollie::operation_names;
using simulator::Fault;
using simulator::fault_names;
using simulator::testing::at;
using simulator::testing::wait_for;

constexpr std::size_t call_count = operation_names.rows.size();

// What a call says while the fault lasts: k is an answer, u `unavailable`, n `not_found`, c `conflict`, i
// `invalid_input`, x `internal`. Where an answer says k and is wrong, it is the flow that must not believe it.
struct Row {
  Fault fault;
  const char* rule;  // the rest of it
  std::array<char, call_count + 1> says;
  bool passes = false;  // a call that may be repeated does well when it meets it once
};
// create find cancel refund find_refund chargebacks methods profile, and of authorizations
// exchange renew revoke organization onboarding profiles
constexpr Row rows[] = {
    {Fault::timeout_before, "", {"uuuuuuuuuuuuuu"}, true},
    {Fault::timeout_after, "", {"uuuuuuuuuuuuuu"}, true},
    {Fault::status, R"(,"status":400)", {"iiiiiiiixxxiii"}},
    {Fault::status, R"(,"status":401)", {"uuuuuuuuxxxuuu"}},
    {Fault::status, R"(,"status":403)", {"uuuuuuuuxxxuuu"}},
    {Fault::status, R"(,"status":404)", {"nnnnnnnnxxxnnn"}},
    {Fault::status, R"(,"status":409)", {"ccccccccxxxccc"}, true},
    {Fault::status, R"(,"status":422)", {"iiciiiiixxxiii"}},
    {Fault::status, R"(,"status":429,"retry_after":0)", {"uuuuuuuuuuuuuu"}, true},
    {Fault::status, R"(,"status":429,"retry_after":3600)", {"uuuuuuuuuuuuuu"}},
    {Fault::status, R"(,"status":500)", {"uuuuuuuuuuuuuu"}, true},
    {Fault::status, R"(,"status":503)", {"uuuuuuuuuuuuuu"}, true},
    {Fault::status, R"(,"status":502,"when":"after")", {"uuuuuuuuuuuuuu"}, true},
    {Fault::delay, R"(,"ms":5)", {"kkkkkkkkkkkkkk"}, true},
    {Fault::drip, "", {"uuuuuuuuuuuuuu"}, true},
    {Fault::reset, "", {"uuuuuuuuuuuuuu"}, true},
    {Fault::malformed, "", {"xxxxxxxxxxkxxx"}},
    {Fault::truncated, "", {"xxxxxxxxxxkxxx"}},
    {Fault::huge_body, "", {"uuuuuuuuuukuuu"}, true},
    {Fault::redirect, "", {"xxxxxxxxxxxxxx"}},
    {Fault::wrong_amount, "", {"xkkxkkkkkkkkkk"}},
    {Fault::wrong_currency, "", {"xkkxkkkkkkkkkk"}},
    {Fault::wrong_id, "", {"xxxxxkkxkkkkkx"}},
    {Fault::wrong_mode, "", {"xxxxxkkxkkkkkk"}},
    {Fault::wrong_metadata, "", {"xkkxkkkkkkkkkk"}},
};

constexpr std::string_view dial_name(Operation call) {
  switch (call) {
    case Operation::create:
      return "create";
    case Operation::find:
      return "get";
    case Operation::cancel:
      return "cancel";
    case Operation::refund:
      return "refund";
    case Operation::find_refund:
      return "get_refund";
    case Operation::chargebacks:
      return "list_chargebacks";
    case Operation::methods:
      return "methods";
    case Operation::profile:
      return "profile";
    case Operation::exchange:
    case Operation::renew:
      return "tokens";
    case Operation::revoke:
      return "revoke";
    case Operation::organization:
      return "organization";
    case Operation::onboarding:
      return "onboarding";
    case Operation::profiles:
      return "profiles";
  }
  return "";
}

bool is_of_authorization(Operation call) { return call >= Operation::exchange; }

// Calls that no payment's flow makes.
bool is_of_no_payment(Operation call) {
  return call == Operation::chargebacks || call == Operation::methods || call == Operation::profile ||
         is_of_authorization(call);
}

bool is_repeatable(Operation call) {
  return call != Operation::cancel && call != Operation::exchange && call != Operation::revoke;
}

bool is_wrong(Fault fault) { return fault_names.name(fault).starts_with("wrong_"); }

std::string letter_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable:
      return "u";
    case ErrorCode::not_found:
      return "n";
    case ErrorCode::conflict:
      return "c";
    case ErrorCode::invalid_input:
      return "i";
    case ErrorCode::internal:
      return "x";
    default:
      return "?";
  }
}
template <class T>
std::string letter_of(const Result<T>& answer) {
  return answer ? "k" : letter_of(answer.error());
}

// How long a call that is going to hang is waited for.
enum class Hurry : std::uint8_t { none, first_tries, all };

// Remembers under which keys each body was sent to each place.
class Recorder final : public http::Client {
 public:
  Task<Result<http::ClientResponse>> send(http::ClientRequest request) override {
    for (const auto& [name, value] : request.fields)
      if (name == "Idempotency-Key") keys[request.url + request.body].insert(value);
    const bool is_first = met.insert(request.method + request.url).second;
    if (hurry == Hurry::all) request.timeout = 100ms;
    // Long enough for a busy machine: were it over before the call has been heard, the next one would meet the fault.
    if (hurry == Hurry::first_tries && is_first) request.timeout = 400ms;
    return client_->send(std::move(request));
  }
  Task<void> wait(std::chrono::milliseconds time) override { return client_->wait(time); }
  void stop() override { client_->stop(); }

  std::map<std::string, std::set<std::string>> keys;
  std::set<std::string> met;  // in this hurry
  Hurry hurry = Hurry::none;

 private:
  std::unique_ptr<http::Client> client_ = http::Client::create();
};

// A request to the payer's pages, answered on whichever thread.
class PageRequest final : public http::Exchange {
 public:
  explicit PageRequest(std::string path) : path_(std::move(path)) {
    request_.method = http::Method::get;
    request_.target = request_.path = path_;
  }
  const http::Request& request() const override { return request_; }
  void respond(http::Response response) noexcept override { promise_.set_value(std::move(response)); }
  void respond_on_loop(std::function<http::Response()> make) noexcept override { respond(make()); }
  void continue_on_loop(std::function<void()> step) noexcept override { step(); }
  http::Response wait() { return promise_.get_future().get(); }

 private:
  std::string path_;
  http::Request request_;
  std::promise<http::Response> promise_;
};

// A merchant whose provider is the simulator.
class World : public Shop {
 public:
  World() { server->start(); }
  ~World() { server->stop(); }

  http::ClientResponse send(const std::string& method, const std::string& url, const std::string& type,
                            const std::string& body) {
    http::ClientRequest request;
    request.method = method;
    request.url = url;
    request.fields = {{"Authorization", "Bearer test_keykeykeykey"}, {"Content-Type", type}};
    request.body = body;
    auto answer = wait_for(notices->send(std::move(request)));
    EXPECT_TRUE(answer) << answer.error().detail;
    return answer ? *std::move(answer) : http::ClientResponse{};
  }
  void pay(const Attempt& attempt) {
    EXPECT_EQ(send("POST", attempt.checkout_url, "application/x-www-form-urlencoded", "outcome=paid").status, 303);
  }
  // The code that a merchant's browser comes back with.
  Secret authorize() {
    const std::string query = connect.authorize_url("state").substr(1);
    const auto led = send("POST", server->base_url() + "/oauth2/authorize", "application/x-www-form-urlencoded",
                          query + "&organization=Acme&profiles=2&decision=allow&onboarding=completed")
                         .location;
    const std::size_t begin = led.find("code=") + 5;
    return Secret(led.substr(begin, led.find('&', begin) - begin));
  }
  void set_fault(Operation call, const Row& row, bool lasts) {
    const std::string rule = R"({"operation":")" + std::string(dial_name(call)) + R"(","fault":")" +
                             std::string(fault_names.name(row.fault)) + '"' + row.rule +
                             (lasts ? "}" : ",\"times\":1}");
    const bool hangs =
        row.fault == Fault::timeout_before || row.fault == Fault::timeout_after || row.fault == Fault::drip;
    http.hurry = !hangs ? Hurry::none : lasts ? Hurry::all : Hurry::first_tries;
    http.met.clear();
    const auto set = send("POST", server->base_url() + "/faults", "application/json", rule);
    EXPECT_EQ(set.status, 201) << set.body;
  }
  void clear_faults() {
    http.hurry = Hurry::none;
    EXPECT_EQ(send("DELETE", server->base_url() + "/faults", "", "").status, 204);
  }

  void next_link() {
    link = store::testing::make_link(database, organization.id);
    link.subject =
        Basket{R"([{"title":"Tea","quantity":1,"unit_price":{"value":"13.30","currency":"EUR"},"vat_rate":"0"}])"};
    const auto insert = [this](sql::Transaction& tx) { return store::PaymentLinks(tx).insert(link); };
    ENSURE(database.write(organization.id, insert));
  }
  Result<Attempt> try_to_start(app::StartOver start_over = app::StartOver::no) {
    return wait_for(flows.start(command(start_over)));
  }
  Attempt start_one(app::StartOver start_over = app::StartOver::no) {
    auto started = try_to_start(start_over);
    EXPECT_TRUE(started) << started.error().detail;
    return *started;
  }
  void look() {
    EXPECT_TRUE(wait_for(flows.reconcile_attempts(50)));
    EXPECT_TRUE(wait_for(flows.reconcile_refunds(50)));
  }
  std::string page(const Attempt& attempt) {
    PageRequest request("/a/" + app::attempt_word(attempt));
    dispatcher.handle(request);
    return request.wait().body;
  }
  // How the provider has it: the payment's status, or "" when there is none; and how many were made.
  std::pair<std::string, int> truth(const Attempt& attempt) {
    const auto listed = send("GET", server->base_url() + "/v2/payments?limit=10", "", "");
    std::string status;
    int made = 0;
    for (int i = 0; i < 10; ++i) {
      const std::string place = "_embedded.payments." + std::to_string(i);
      if (at(listed.body, place + ".metadata.attempt") != attempt.id.text()) continue;
      status = at(listed.body, place + ".status");
      ++made;
    }
    return {status, made};
  }
  sql::Rows find(std::string_view statement, const sql::Value& id) {
    const sql::Value values[] = {id};
    return database.ask(statement, values);
  }
  std::vector<Attempt> attempts_of_link() {
    return *database.write(organization.id, [&](sql::Transaction& tx) -> Result<std::vector<Attempt>> {
      std::vector<Attempt> found;
      const auto ids = TRY(tx.query("SELECT id FROM attempts WHERE organization_id = $1 AND payment_link_id = $2",
                                    {organization.id, link.id}));
      for (std::size_t i = 0; i < ids.size(); ++i) {
        auto attempt = TRY(store::Attempts(tx).find(organization.id, AttemptId(ids[i].uuid(0))));
        found.push_back(std::move(attempt));
      }
      return found;
    });
  }

  runtime::DispatcherOptions options() const {
    runtime::DispatcherOptions options;
    options.encode_error = encode_error;
    return options;
  }

  Recorder http;
  std::unique_ptr<http::Client> notices = http::Client::create();
  TemporaryDirectory directory{database.random};
  std::unique_ptr<simulator::Simulator> server = *simulator::Simulator::create(
      {"127.0.0.1", 0, directory.file("simulator.db")}, database.clock, database.random, *notices);
  // Waits are short, and the breaker has its own test.
  providers::mollie::Patience hasty{.tries = 2, .wait = 1ms, .wait_max = 1ms, .breaker = {.failures = 1'000'000}};
  providers::mollie::Provider mollie{http, server->base_url(), database.clock, database.random, hasty};
  providers::mollie::Connect connect{mollie.client(),
                                     {"app_aaaaaaaaaa", Secret("secret"), "", "http://127.0.0.1:1/back"}};
  app::ProviderAccess access{Secret("test_keykeykeykey")};
  app::Payments flows{lane, mollie, keys, "http://127.0.0.1:1", app::Notifications::reach_nobody};
  pages::Site site = *pages::Site::create(pages::Transport::plain);
  runtime::ErrorEncoder encode_error = [](const Error& error, const http::Request&) {
    return http::Response{500, "text/plain", error.reason, {}};
  };
  runtime::Dispatcher dispatcher{
      options(), checkout::routes({site, flows, lane, keys, database.clock, database.random, {}, encode_error}), lane,
      keys, database.clock};
};

// One pair: the call meets the fault, in the flow that makes it.
class Pair {
 public:
  Pair(World& world, Operation call, const Row& row, bool lasts)
      : world_(world), call_(call), row_(row), lasts_(lasts) {}

  void run() {
    world_.next_link();
    world_.http.keys.clear();
    prepare();
    world_.set_fault(call_, row_, lasts_);
    const std::string said = meet();
    EXPECT_EQ(said, expected());
    expect_nothing_false();
    expect_alert();
    world_.clear_faults();
    converge();
    expect_truth();
    // One key for all tries; a refund that was refused is sent under the same with a number.
    for (const auto& [what, keys] : world_.http.keys)
      for (const std::string& key : keys)
        EXPECT_TRUE(key == *keys.begin() ||
                    (what.find("/refunds") != std::string::npos && key.starts_with(*keys.begin() + "-")))
            << what << " " << key;
  }

 private:
  std::string expected() const {
    const char lasting = row_.says[static_cast<std::size_t>(call_)];
    if (lasts_ || !is_repeatable(call_) || !row_.passes) return {lasting};
    return "k";
  }

  // Up to the moment before the call.
  void prepare() {
    if (is_of_authorization(call_)) code_ = world_.authorize();
    if (is_of_authorization(call_) && call_ != Operation::exchange) {
      auto issued = wait_for(world_.connect.exchange(code_));
      EXPECT_TRUE(issued) << issued.error().detail;
      if (issued) tokens_ = *std::move(issued);
    }
    if (call_ == Operation::create || is_of_no_payment(call_)) return;
    first_ = world_.start_one();
    if (call_ == Operation::find) return world_.pay(*first_);
    second_ = world_.start_one(app::StartOver::yes);
    if (call_ == Operation::cancel) return;
    world_.pay(*first_);
    world_.pay(*second_);
    for (const auto* attempt : {&*second_, &*first_})
      EXPECT_TRUE(wait_for(world_.flows.settle(attempt->organization, attempt->id)));
    if (call_ == Operation::find_refund) world_.look();
    if (call_ == Operation::find_refund) world_.database.clock.advance(2min);
  }

  // What the connector says of the call, and then the flow that makes it.
  std::string meet() {
    // Before it sends a refund the flow looks whether there is one: it would find the connector's.
    if (call_ == Operation::refund) world_.look();
    if (call_ == Operation::refund && !lasts_) world_.clear_faults();
    if (call_ == Operation::refund && !lasts_) world_.set_fault(call_, row_, lasts_);
    std::string said = ask_connector();
    if (!lasts_) world_.clear_faults();
    if (!lasts_ && !is_of_no_payment(call_)) world_.set_fault(call_, row_, lasts_);
    if (call_ == Operation::create)
      if (auto started = world_.try_to_start()) first_ = *std::move(started);
    if (call_ == Operation::find) settled_ = wait_for(world_.flows.settle(first_->organization, first_->id));
    world_.look();
    return said;
  }

  std::string ask_connector() {
    auto& mollie = world_.mollie;
    const auto& access = world_.access;
    const std::string payment = first_ ? first_->provider_payment_id : "";
    switch (call_) {
      case Operation::create: {
        const app::NewProviderPayment wanted{store::testing::euros(1330),
                                             PaymentMethod::credit_card,
                                             "Direct",
                                             "http://127.0.0.1:1/a",
                                             "",
                                             "0198c0de-0000-7000-8000-000000000001",
                                             Uuid::v4(world_.database.random).text()};
        return letter_of(wait_for(mollie.create(access, wanted)));
      }
      case Operation::find:
        return letter_of(wait_for(mollie.find(access, payment)));
      case Operation::cancel:
        return letter_of(wait_for(mollie.cancel(access, second_->provider_payment_id)));
      case Operation::refund:
        return letter_of(wait_for(mollie.refund(access, payment, surplus())));
      case Operation::find_refund:
        return letter_of(wait_for(mollie.find_refund(access, payment, refund_id())));
      case Operation::chargebacks:
        return letter_of(wait_for(mollie.chargebacks(access)));
      case Operation::methods:
        return letter_of(wait_for(mollie.methods(access, {})));
      case Operation::profile:
        return letter_of(wait_for(mollie.profile(access)));
      default:
        return ask_about_authorization();
    }
  }

  std::string ask_about_authorization() {
    auto& connect = world_.connect;
    switch (call_) {
      case Operation::exchange:
        return letter_of(wait_for(connect.exchange(code_)));
      case Operation::renew:
        return letter_of(wait_for(connect.refresh(tokens_.refresh)));
      case Operation::revoke:
        return letter_of(wait_for(connect.revoke(tokens_.refresh)));
      case Operation::organization:
      case Operation::onboarding:
      case Operation::profiles:
        return letter_of(wait_for(connect.account(tokens_.access)));
      default:
        return "?";
    }
  }

  // The refund that the flow is going to ask for.
  app::NewProviderRefund surplus() {
    const auto rows_found = world_.find("SELECT id FROM refunds WHERE attempt_id = $1", first_->id);
    const std::string ours = rows_found.front().uuid(0).text();
    return {store::testing::euros(1330), "This payment was not needed", ours, ours};
  }

  std::string refund_id() {
    const auto found = world_.database.ask(
        "SELECT provider_refund_id FROM refunds WHERE state = 'pending' ORDER BY created_at DESC, id DESC");
    return found.empty() ? std::string() : std::string(found.front().text(0));
  }

  // Of each payment's page while the fault is on.
  void expect_nothing_false() {
    for (const Attempt& attempt : world_.attempts_of_link()) {
      const auto [status, made] = world_.truth(attempt);
      EXPECT_LE(made, 1);
      const std::string page = world_.page(attempt);
      const auto says = [&page](std::string_view words) { return page.find(words) != std::string::npos; };
      EXPECT_TRUE(says(attempt.id.text())) << page;
      EXPECT_FALSE(status == "paid" && says("You have not been charged")) << page;
      EXPECT_FALSE(status == "paid" && says("Payment declined")) << page;
      EXPECT_FALSE(status != "paid" && (says("Payment received") || says("on its way back"))) << page;
      const Attempt stored = world_.stored(attempt);
      EXPECT_FALSE(stored.state == AttemptState::paid && status != "paid");
      if (is_wrong(row_.fault) && call_ == Operation::find && lasts_) {
        EXPECT_EQ(stored.state, AttemptState::open) << "what is wrong becomes no payment";
        EXPECT_TRUE(says("We are asking the payment provider")) << page;
      }
    }
    world_.expect_sound_books_of_many();
  }

  void expect_alert() {
    const bool heard =
        first_ && (call_ == Operation::find || call_ == Operation::refund || call_ == Operation::find_refund);
    if (!is_wrong(row_.fault) || !heard || !lasts_) return;
    const auto alerts = world_.find("SELECT kind FROM provider_alerts WHERE attempt_id = $1", first_->id);
    EXPECT_FALSE(alerts.empty()) << "somebody is told";
  }

  // The fault is over: payers come back, and the reconciler looks.
  void converge() {
    if (call_ == Operation::create && !first_) {
      const auto begun = world_.attempts_of_link();
      ASSERT_EQ(begun.size(), 1U);
      if (is_final(begun.front().state)) return;  // refused: there is no payment that could be paid
    }
    for (int i = 0; i < 12 && !is_at_rest(); ++i) {
      world_.database.clock.advance(i < 3 ? 40s : 15min);
      for (const Attempt& attempt : world_.attempts_of_link()) {
        if (call_ == Operation::create && !attempt.checkout_url.empty()) world_.pay(attempt);
        EXPECT_TRUE(wait_for(world_.flows.settle(attempt.organization, attempt.id)));
      }
      world_.look();
    }
    EXPECT_TRUE(is_at_rest());
  }

  bool is_at_rest() {
    const auto attempts = world_.attempts_of_link();
    return std::ranges::all_of(attempts, [](const Attempt& attempt) { return is_final(attempt.state); }) &&
           unsettled_refunds() == 0;
  }
  std::size_t unsettled_refunds() {
    return world_
        .find(
            "SELECT 1 FROM refunds r JOIN captures c ON c.attempt_id = r.attempt_id"
            " WHERE c.payment_link_id = $1 AND r.state <> 'refunded'",
            world_.link.id)
        .size();
  }

  void expect_truth() {
    int paid = 0;
    for (const Attempt& attempt : world_.attempts_of_link()) {
      const auto [status, made] = world_.truth(attempt);
      EXPECT_LE(made, 1);
      if (made == 1 && !is_refused(attempt)) {
        EXPECT_EQ(attempt_state_names.name(attempt.state), status);
      }
      if (status == "paid") ++paid;
    }
    EXPECT_EQ(world_.find("SELECT 1 FROM captures WHERE payment_link_id = $1", world_.link.id).size(),
              static_cast<std::size_t>(paid))
        << "what is booked is what was captured";
    EXPECT_EQ(unsettled_refunds(), 0U) << "a surplus has gone back";
    world_.expect_sound_books_of_many();
  }

  // The provider said that it made nothing, and did: nobody knows its page, and it expires there.
  static bool is_refused(const Attempt& attempt) {
    return attempt.state == AttemptState::failed && attempt.provider_payment_id.empty();
  }

  World& world_;
  const Operation call_;
  const Row& row_;
  const bool lasts_;
  Secret code_;
  app::ProviderTokens tokens_{};
  std::optional<Attempt> first_, second_;
  std::optional<Result<Attempt>> settled_;
};

TEST(ProviderFaults, HaveAnEntryEach) {
  std::set<Fault> known;
  for (const Row& row : rows) {
    known.insert(row.fault);
    EXPECT_EQ(std::string_view(row.says.data()).size(), call_count) << "a letter for each call";
  }
  for (const auto& [fault, name] : fault_names.rows)
    EXPECT_EQ(known.contains(fault), simulator::hits_calls(fault)) << name;
  for (const auto& [call, name] : operation_names.rows)
    EXPECT_TRUE(simulator::operation_names.parse(dial_name(call))) << name;
}

// Most of the time is waiting: each call has two threads, with worlds of their own.
TEST(ProviderFaults, NeverBecomeLies) {
  std::vector<std::thread> threads;
  const auto run = [](Operation call, bool lasts) {
    World world;
    for (const Row& row : rows) {
      SCOPED_TRACE(std::string(operation_names.name(call)) + " " + std::string(fault_names.name(row.fault)) + row.rule +
                   (lasts ? ", until it is cleared" : ", once"));
      Pair(world, call, row, lasts).run();
    }
  };
  for (const auto& entry : operation_names.rows)
    for (const bool lasts : {false, true}) threads.emplace_back(run, entry.first, lasts);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace paylink
