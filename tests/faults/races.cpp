// Many payers at one link that can be paid once (quality: R1): 2 to 64 of them open its page, send its form at the same
// moment, and approve (mostly) at the provider, which takes its time and loses some answers. Whatever happens, one
// payment is kept at most, what came besides goes back, and both sides agree to the cent. README.md lists the
// invariants.
//
//   races --binary build/release/paylink --directory build/faults/races [--races 2000] [--seed 1]
//         [--database sqlite|postgres]
//
// The last line of the output is `races N, payers N, paid twice and given back N, kept twice N, violations N`. Exits 1
// on a violation, and when no two payments met: races that nobody can lose prove nothing.

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include "checks.hpp"
#include "client.hpp"
#include "oracle.hpp"
#include "postgres_reader.hpp"
#include "site.hpp"
#include "sqlite_reader.hpp"
#include "support/options.hpp"

namespace paylink::faults {
namespace {

using std::chrono::milliseconds;

constexpr int lanes = 16;  // races at a time
constexpr std::size_t payers_max = 64;
constexpr int tries_max = 10;  // to make a link
constexpr milliseconds pause_between_tries{500};
constexpr int generation_max = 20'000;  // races on one installation: their records fit into memory

struct Options {
  std::string binary;
  std::string directory;  // emptied
  int races = 2000;
  std::uint64_t seed = 1;
  bool is_on_postgres = false;  // then with three nodes, and each payer is at one of them
};

// What the provider does to calls: some take long, a few answers never arrive.
constexpr const char* weather[] = {
    R"({"operation":"create","fault":"delay","when":"before","ms":15,"ms_min":1,"percent":20,"seed":1})",
    R"({"operation":"create","fault":"delay","when":"after","ms":15,"ms_min":1,"percent":20,"seed":2})",
    R"({"operation":"get","fault":"delay","when":"after","ms":15,"ms_min":1,"percent":20,"seed":3})",
    R"({"operation":"cancel","fault":"delay","when":"before","ms":15,"ms_min":1,"percent":40,"seed":4})",
    R"({"operation":"create","fault":"status","status":502,"when":"after","percent":1,"seed":5})",
    R"({"operation":"get","fault":"reset","percent":1,"seed":6})",
    R"({"operation":"refund","fault":"status","status":503,"when":"after","percent":2,"seed":7})",
    R"({"operation":"notification","fault":"reorder","ms":2000,"percent":20,"seed":8})",
    R"({"operation":"notification","fault":"duplicate","percent":20,"seed":9})",
    R"({"operation":"notification","fault":"drop","percent":10,"seed":10})",
};

std::uint16_t port_in(const std::string& url) {
  return static_cast<std::uint16_t>(std::atoi(url.c_str() + url.rfind(':') + 1));
}

std::string between(const std::string& text, std::string_view start, char end) {
  const auto at = text.find(start);
  if (at == std::string::npos) return {};
  const auto begin = at + start.size();
  return text.substr(begin, text.find(end, begin) - begin);
}

// The path of an absolute URL.
std::string path_of(const std::string& url) {
  const auto slash = url.find('/', url.find("//") + 2);
  return slash == std::string::npos ? "/" : url.substr(slash);
}

// All send their forms at one moment, or each overtakes the one before him.
enum class Order : std::uint8_t { at_once, in_turn };
struct Start {
  Start(std::size_t count, Order how)
      : order(how), ready(static_cast<std::ptrdiff_t>(count)), at_provider(static_cast<std::ptrdiff_t>(count)) {}

  const Order order;
  std::barrier<> ready;
  std::barrier<> at_provider;
  std::atomic<std::size_t> turn = 0;
};

// One person with a browser. What does not come about (a fault, or somebody has been quicker) is no violation: the
// databases tell.
class Payer {
 public:
  Payer(std::unique_ptr<Client> shop, std::uint16_t provider) : shop_(std::move(shop)), provider_(provider, {}) {}

  void open(const std::string& link) {
    page_ = shop_->get(link);
    link_ = link;
    word_.clear();
  }
  // Sends the form, and presses a button at the provider once everybody has got there, or nowhere. `place` is his in
  // the line of a race in which each begins when the one before him is at the provider.
  void pay(std::uint64_t random, std::size_t place, Start& start) {
    if (start.order == Order::in_turn)
      for (auto at = start.turn.load(); at != place; at = start.turn.load()) start.turn.wait(at);
    const std::string checkout = begin(random);
    ++start.turn;
    start.turn.notify_all();
    start.at_provider.arrive_and_wait();
    if (checkout.empty()) return;
    if (random % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random / 4 % 8000));
    constexpr const char* outcomes[] = {"paid", "paid", "paid", "paid", "paid", "paid", "failed", "canceled"};
    (void)provider_.post_form(checkout, std::string("outcome=") + outcomes[random / 32000 % std::size(outcomes)]);
    (void)shop_->get(word_);
  }
  // Whether his page is a receipt.
  bool has_receipt() {
    const auto page = word_.empty() ? std::nullopt : shop_->get(word_);
    return page && page->body.find("Payment received") != std::string::npos;
  }

 private:
  // Up to the provider's page, whose path it is; empty when he does not get there.
  std::string begin(std::uint64_t random) {
    const std::string token = page_ ? between(page_->body, "name=\"token\" value=\"", '"') : std::string();
    const bool over = random % 8 != 0;  // else: who comes second hears that somebody has begun
    // A card's payment is canceled at the provider when somebody starts over; iDEAL's cannot be.
    const std::string method = random % 3 == 0 ? "credit_card" : "ideal";
    const auto sent = shop_->post_form(
        link_, "token=" + token + "&email=ada%40example.com&method=" + method + (over ? "&start_over=1" : ""));
    if (!sent || sent->status != 303) return {};
    const std::string way = field_of(*sent, "Location");
    word_ = way.substr(0, way.rfind("/go"));
    const auto onward = shop_->get(way);
    const std::string refresh = onward ? field_of(*onward, "Refresh") : std::string();
    const auto url = refresh.find("http");
    return url == std::string::npos ? std::string() : path_of(refresh.substr(url));
  }

  std::unique_ptr<Client> shop_;
  Client provider_;
  std::string link_;
  std::string word_;  // the path of his payment's page
  std::optional<Answer> page_;
};

struct Tally {
  std::atomic<int> next_race = 0;
  std::atomic<std::uint64_t> payers = 0;
  std::atomic<std::uint64_t> receipts = 0;  // that payers were shown
};

class Races {
 public:
  Races(const Options& options, PostgresCluster* cluster, Violations& violations)
      : options_(options),
        violations_(violations),
        site_((std::filesystem::remove_all(options.directory), std::filesystem::create_directories(options.directory),
               options.binary),
              options.directory, options.seed, cluster, violations),
        checks_({site_.target().data_dirs.front(), options.directory + "/copy", site_.target().database, cluster},
                violations) {
    site_.start();
    std::ostringstream ready;
    ready << std::ifstream(options.directory + "/ready.json").rdbuf();
    provider_ = port_in(json_text(ready.str(), "simulator_url").value_or(""));
  }

  void run() {
    Client dial(provider_, {});
    for (const char* rule : weather)
      if (const auto set = dial.post("/faults", rule); !set || set->status != 201)
        violations_.add("R1", std::string("the fault dial refuses ") + rule);
    std::vector<std::thread> threads;
    for (int lane = 0; lane < lanes; ++lane) threads.emplace_back([this, lane] { run_lane(lane); });
    const auto began = std::chrono::steady_clock::now();
    for (auto& thread : threads) thread.join();
    if (tally_.receipts == 0) violations_.add("R1", "nobody was shown a receipt, so that nobody can be shown a second");
    clear_faults();
    const auto raced = std::chrono::steady_clock::now();
    settle();
    const auto took = [](auto time) { return std::chrono::duration_cast<milliseconds>(time).count(); };
    std::fprintf(stderr, "races: run in %lld ms, settled in %lld ms\n", static_cast<long long>(took(raced - began)),
                 static_cast<long long>(took(std::chrono::steady_clock::now() - raced)));
  }

  std::uint64_t payers() const { return tally_.payers; }
  std::int64_t given_back() const { return given_back_; }
  std::int64_t kept_twice() const { return kept_twice_; }

 private:
  void run_lane(int lane) {
    std::mt19937_64 choices(options_.seed * 1'000'003 + static_cast<std::uint64_t>(lane));
    const auto merchant = site_.target().connect(0);
    std::vector<std::unique_ptr<Payer>> payers;
    for (int number = tally_.next_race++; number < options_.races; number = tally_.next_race++)
      race(number, choices, *merchant, payers);
  }

  // Two in most races, and now and then a crowd.
  static std::size_t draw_payers(std::mt19937_64& choices) {
    const auto draw = choices() % 200;
    if (draw == 0) return payers_max;
    if (draw < 5) return 8 + choices() % 9;
    return draw < 40 ? 3 + choices() % 3 : 2;
  }

  // The path of a new one. On a machine that has much else to do a server may answer late or not: that is asked again.
  std::optional<std::string> make_link(int number, Client& merchant) {
    const std::string body = R"({"payment_link":{"potential_payment_methods":["credit_card","ideal"],"reusable":false,)"
                             R"("items":[{"title":"op-race-)" +
                             std::to_string(number) +
                             R"(","quantity":1,"unit_price":{"value":"10.99","currency":"EUR"},"vat_rate":"21.0"}]}})";
    std::optional<Answer> made;
    for (int tries = 0; tries < tries_max; ++tries) {
      if (tries > 0) std::this_thread::sleep_for(pause_between_tries);
      made = merchant.post("/v2/payment_links", body, "race-" + std::to_string(number));
      if (made && made->status == 201) return path_of(json_text(made->body, "url").value_or(""));
      if (made && made->status != 503) break;
    }
    violations_.add("R1", "a link was not made: " + (made ? made->body : std::string("no answer")));
    return std::nullopt;
  }

  void race(int number, std::mt19937_64& choices, Client& merchant, std::vector<std::unique_ptr<Payer>>& payers) {
    const auto made = make_link(number, merchant);
    if (!made) return;
    const std::string& link = *made;
    const std::size_t count = draw_payers(choices);
    tally_.payers += count;
    while (payers.size() < count)
      payers.push_back(std::make_unique<Payer>(
          site_.target().connect_as_nobody(payers.size() % site_.target().ports.size()), provider_));
    Start start(count, count <= 5 && choices() % 2 == 0 ? Order::in_turn : Order::at_once);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&start, &link, i, &payer = *payers[i], random = choices()] {
        payer.open(link);
        start.ready.arrive_and_wait();
        payer.pay(random, i, start);
      });
    for (auto& thread : threads) thread.join();
    std::size_t receipts = 0;
    for (std::size_t i = 0; i < count; ++i) receipts += payers[i]->has_receipt() ? 1 : 0;
    tally_.receipts += receipts;
    if (receipts > 1) violations_.add("R1", std::to_string(receipts) + " receipts for one link " + link);
  }

  // On a new connection: an old one has been idle for long.
  void clear_faults() {
    Client dial(provider_, {});
    const auto cleared = dial.remove("/faults");
    if (!cleared || cleared->status != 204) violations_.add("R1", "the fault dial cannot be cleared");
  }

  // Until everything has come to rest; then both databases are compared.
  void settle() {
    const auto anybody = site_.target().connect(0);
    std::string waiting = "the clock";
    const int turns = 600 + options_.races / 20;
    for (int turn = 0; turn < turns && !waiting.empty(); ++turn) {
      const auto moved = anybody->post("/sandbox/clock", R"({"advance":"2h"})");
      if (!moved || moved->status / 100 != 2) return violations_.add("R1", "the clock cannot be moved");
      std::this_thread::sleep_for(milliseconds(200));
      waiting = checks_.unsettled();
    }
    if (!waiting.empty())
      violations_.add("R1", "not settled after " + std::to_string(turns / 5) + " seconds: " + waiting);
    count();
    site_.strike(Victim::all_nodes, 0, 0);
    site_.bury();
    checks_.check_crashed();
    checks_.check_settled();
  }

  void count() {
    std::unique_ptr<DatabaseReader> database;
    if (options_.is_on_postgres)
      database = std::make_unique<PostgresReader>(site_.target().database);
    else
      database = std::make_unique<SqliteReader>(site_.target().data_dirs.front() + "/paylink.db");
    given_back_ = database->number("SELECT count(*) FROM refunds WHERE state = 'refunded'");
    kept_twice_ = database->number(
        "SELECT count(*) FROM (SELECT 1 FROM captures WHERE kept = 1 GROUP BY organization_id, payment_link_id HAVING"
        " count(*) > 1) AS twice");
  }

  const Options& options_;
  Violations& violations_;
  Site site_;
  DatabaseChecks checks_;
  std::uint16_t provider_ = 0;
  Tally tally_;
  std::int64_t given_back_ = 0;
  std::int64_t kept_twice_ = 0;
};

bool read(Options& options, int argc, char** argv) {
  testing::ProgramOptions all(
      "races --binary FILE --directory DIR [--races N] [--seed N]\n"
      "             [--database sqlite|postgres]");
  all.text("--binary", options.binary).text("--directory", options.directory);
  all.number("--races", options.races, 1).number("--seed", options.seed);
  all.add("--database", [&options](std::string_view name) {
    options.is_on_postgres = name == "postgres";
    return options.is_on_postgres || name == "sqlite";
  });
  return all.read(argc, argv);
}

}  // namespace
}  // namespace paylink::faults

int main(int argc, char** argv) {
  using namespace paylink::faults;
  Options options;
  if (!read(options, argc, argv)) return 2;
  Violations violations;
  std::optional<PostgresCluster> cluster;
  if (options.is_on_postgres) cluster.emplace();
  std::filesystem::remove_all(options.directory);
  std::uint64_t payers = 0;
  std::int64_t given_back = 0, kept_twice = 0;
  for (int done = 0; done < options.races;) {
    const int count = std::min(options.races - done, generation_max);
    const Options generation{options.binary, options.directory + "/" + std::to_string(done), count,
                             options.seed + static_cast<std::uint64_t>(done), options.is_on_postgres};
    Races races(generation, cluster ? &*cluster : nullptr, violations);
    races.run();
    payers += races.payers();
    given_back += races.given_back();
    kept_twice += races.kept_twice();
    done += count;
  }
  if (given_back == 0) violations.add("R1", "no two payments met");
  std::printf("races %d, payers %llu, paid twice and given back %lld, kept twice %lld, violations %llu\n",
              options.races, static_cast<unsigned long long>(payers), static_cast<long long>(given_back),
              static_cast<long long>(kept_twice), static_cast<unsigned long long>(violations.count()));
  return violations.count() == 0 ? 0 : 1;
}
