// Many clients at once ask for, pay, list and switch off the same links, over HTTP at the real program; what each link
// was seen to do must be explained by one that does one thing after the other (quality: R4). README.md says more.
//
//   linearizability --binary build/release/paylink --directory build/linearizability [--operations 200000] [--seed 1]
//
// The last line of the output is `operations N, links N, not linearizable N, spoiled and rejected N of N, violations
// N`.

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "client.hpp"
#include "history.hpp"
#include "server_process.hpp"
#include "support/options.hpp"

namespace paylink::linearizability {
namespace {

using faults::Answer;
using faults::Client;
using faults::json_text;

constexpr std::size_t groups = 8;
constexpr std::size_t clients_of_group = 4;
constexpr std::size_t requests_of_client = 16;  // about one link
constexpr std::int64_t lifetime_seconds = 62;   // of a link that is to expire: the shortest is 60
constexpr std::chrono::milliseconds pause_between_leaps{100};
constexpr std::chrono::milliseconds pause_between_creates{5};
constexpr int creates_max = 1000;  // of a link that the clock leaps over
constexpr std::uint64_t told_max = 5;
constexpr unsigned long long silent_max = 20;  // one answer of so many

struct Options {
  std::string binary;
  std::string directory;  // emptied
  std::uint64_t operations = 200'000;
  std::uint64_t seed = 1;
};

std::uint64_t now() { return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()); }

std::string rfc3339(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// The sandbox's clock, which leaps past the date of every link that is to expire.
class Leaps {
 public:
  explicit Leaps(std::uint16_t port) : client_(port, {}) {}

  // Known from the moment it is asked for: links may already have seen it.
  void leap() {
    {
      const std::lock_guard lock(mutex_);
      leaps_.push_back({now(), never});
    }
    const auto answer = client_.post("/sandbox/clock", R"({"advance":"2m"})");
    if (!answer || answer->status != 200) {
      std::fprintf(stderr, "linearizability: the clock did not move\n");
      std::exit(3);
    }
    const std::lock_guard lock(mutex_);
    offset_seconds_ += 120;
    leaps_.back().answered = now();
  }
  std::string expiration_date() {
    const std::lock_guard lock(mutex_);
    return rfc3339(std::time(nullptr) + offset_seconds_ + lifetime_seconds);
  }
  // The first that was not over when a link was asked for, which had to be there before it.
  Span after(std::uint64_t created_asked) {
    const std::lock_guard lock(mutex_);
    for (const Span& leap : leaps_)
      if (leap.answered > created_asked) return leap;
    return {never, never};
  }

 private:
  Client client_;
  std::mutex mutex_;
  std::int64_t offset_seconds_ = 0;
  std::vector<Span> leaps_;
};

// Ids and statuses of the payments in a list.
std::vector<std::pair<std::string, std::string>> read_list(std::string_view body) {
  std::vector<std::pair<std::string, std::string>> found;
  constexpr std::string_view start = R"({"id":")";
  for (auto at = body.find(start); at != std::string_view::npos; at = body.find(start, at + 1)) {
    const auto payment = body.substr(at);
    found.emplace_back(json_text(payment, "id").value_or(""), json_text(payment, "status").value_or(""));
  }
  return found;
}

class Asker {
 public:
  Asker(std::uint16_t port, const std::string& authorization, std::uint64_t seed)
      : client_(port, authorization), choices_(seed) {}

  // A new link's id.
  std::string create(std::string_view more) {
    const auto answer = client_.post(
        "/v2/payment_links",
        R"({"payment_link":{"potential_payment_methods":["credit_card"],"reusable":false,"items":[{"title":"Tea",)"
        R"("quantity":1,"unit_price":{"value":"10.99","currency":"EUR"},"vat_rate":"21.0"}])" +
            std::string(more) + "}}");
    last_answer_ = answer ? answer->body : "none";
    return answer && answer->status == 201 ? json_text(answer->body, "id").value_or("") : std::string();
  }
  const std::string& last_answer() const { return last_answer_; }

  Request ask(const std::string& link) {
    Request request;
    const auto choice = choices_() % 100;
    request.ask = choice < 72 ? Ask::link : choice < 86 ? Ask::payments : choice < 96 ? Ask::pay : Ask::switch_off;
    request.span.asked = now();
    const auto answer = send(link, request);
    request.span.answered = answer ? now() : never;
    if (answer) read(*answer, request);
    return request;
  }
  std::uint64_t choose(std::uint64_t limit) { return choices_() % limit; }

 private:
  std::optional<Answer> send(const std::string& link, Request& request) {
    const std::string path = "/v2/payment_links/" + link;
    switch (request.ask) {
      case Ask::link:
        return client_.get(path);
      case Ask::payments:
        return client_.get(path + "/payments?per_page=100");
      case Ask::switch_off:
        return client_.patch(path + "/deactivate", {});
      case Ask::pay:
        break;
    }
    constexpr std::pair<std::string_view, Payment> outcomes[] = {{"paid", Payment::paid},
                                                                 {"failed", Payment::failed},
                                                                 {"canceled", Payment::canceled},
                                                                 {"expired", Payment::expired}};
    const auto& [word, wanted] = outcomes[choices_() % std::size(outcomes)];
    request.wanted = wanted;
    return client_.post("/sandbox/payments", R"({"payment_link_id":")" + link +
                                                 R"(","payment_method":"credit_card","debitor_email":"a@example.com",)"
                                                 R"("outcome":")" +
                                                 std::string(word) + "\"}");
  }
  static void read(const Answer& answer, Request& request) {
    request.answer = answer.status;
    request.word = json_text(answer.body, answer.status / 100 == 2 ? "status" : "code").value_or("");
    if (request.ask == Ask::pay) request.payment = json_text(answer.body, "id").value_or("");
    if (request.ask == Ask::payments) request.listed = read_list(answer.body);
  }

  Client client_;
  std::mt19937_64 choices_;
  std::string last_answer_;  // to a create
};

struct Tally {
  std::uint64_t operations = 0, links = 0, wrong = 0, spoiled = 0, rejected = 0;
  std::uint64_t dates = 0, payments = 0, silent = 0;  // `silent`: answers that say nothing

  void add(const Tally& other) {
    operations += other.operations;
    links += other.links;
    wrong += other.wrong;
    spoiled += other.spoiled;
    rejected += other.rejected;
    dates += other.dates;
    payments += other.payments;
    silent += other.silent;
  }
};

void check(const History& history, Tally& tally) {
  ++tally.links;
  tally.operations += history.requests.size();
  for (const Request& request : history.requests)
    if (request.ask == Ask::pay && request.answer == 201) ++tally.payments;
  tally.silent += static_cast<std::uint64_t>(std::ranges::count_if(history.requests, says_nothing));
  if (history.date.asked != never) ++tally.dates;
  if (const std::string wrong = complaint_about(history); !wrong.empty() && ++tally.wrong <= told_max)
    std::printf("VIOLATION R4: link %s: %s\n%s", history.link.c_str(), wrong.c_str(), text_of(history).c_str());
  for (const Spoil how : {Spoil::stale_read, Spoil::exchanged_answer, Spoil::lost_switch}) {
    History spoiled = history;
    if (!spoil(spoiled, how, tally.links)) continue;
    ++tally.spoiled;
    if (!complaint_about(spoiled).empty()) ++tally.rejected;
  }
}

// A few clients at one link after the other.
class Group {
 public:
  Group(std::uint16_t port, const std::string& authorization, std::uint64_t seed, Leaps& leaps) : leaps_(leaps) {
    for (std::size_t i = 0; i < clients_of_group; ++i)
      askers_.push_back(std::make_unique<Asker>(port, authorization, seed * 1000 + i));
  }

  void run(std::size_t links) {
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < clients_of_group; ++i) others.emplace_back([this, i, links] { ask(i, links); });
    ask(0, links);
    for (auto& other : others) other.join();
  }
  const Tally& tally() const { return tally_; }

 private:
  void ask(std::size_t index, std::size_t links) {
    Asker& asker = *askers_[index];
    std::vector<Request> requests;
    for (std::size_t at = 0; at < links; ++at) {
      if (index == 0) begin(asker);
      barrier_.arrive_and_wait();
      requests.clear();
      for (std::size_t i = 0; i < requests_of_client; ++i) requests.push_back(asker.ask(link_.link));
      {
        const std::lock_guard lock(mutex_);
        std::ranges::move(requests, std::back_inserter(link_.requests));
      }
      barrier_.arrive_and_wait();
      if (index == 0) end();
    }
  }
  void begin(Asker& asker) {
    link_ = {};
    is_to_expire_ = asker.choose(3) == 0;
    for (int tries = 0; link_.link.empty() && tries < creates_max; ++tries) {
      if (tries > 0) std::this_thread::sleep_for(pause_between_creates);
      const std::string date =
          is_to_expire_ ? R"(,"expiration_date":")" + leaps_.expiration_date() + "\"" : std::string();
      // From here on a leap counts as past the date; one that comes before the link is made leaves none.
      created_asked_ = now();
      link_.link = asker.create(date);
    }
    if (!link_.link.empty()) return;
    std::fprintf(stderr, "linearizability: no link can be made: %s\n", asker.last_answer().c_str());
    std::exit(3);
  }
  void end() {
    link_.date = is_to_expire_ ? leaps_.after(created_asked_) : Span{never, never};
    check(link_, tally_);
  }

  Leaps& leaps_;
  std::vector<std::unique_ptr<Asker>> askers_;
  std::barrier<> barrier_{static_cast<std::ptrdiff_t>(clients_of_group)};
  std::mutex mutex_;
  History link_;
  bool is_to_expire_ = false;
  std::uint64_t created_asked_ = 0;
  Tally tally_;
};

Tally act(const Options& options) {
  const auto port = faults::find_port(options.seed);
  faults::ServerProcess server({options.binary,
                                options.directory + "/data",
                                options.directory + "/ready.json",
                                options.directory + "/server.log",
                                port,
                                {}});
  const std::string authorization =
      json_text(server.ready(), "login").value_or("") + ":" + json_text(server.ready(), "secret_key").value_or("");
  Leaps leaps(port);
  const std::size_t of_link = clients_of_group * requests_of_client;
  const std::size_t links = (options.operations + groups * of_link - 1) / (groups * of_link);
  std::vector<std::unique_ptr<Group>> all;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < groups; ++i)
    all.push_back(std::make_unique<Group>(port, authorization, options.seed * 100 + i, leaps));
  std::atomic<std::size_t> running{groups};
  for (auto& group : all)
    threads.emplace_back([&] {
      group->run(links);
      --running;
    });
  for (; running > 0; std::this_thread::sleep_for(pause_between_leaps)) leaps.leap();
  for (auto& thread : threads) thread.join();
  Tally tally;
  for (const auto& group : all) tally.add(group->tally());
  return tally;
}

int run(const Options& options) {
  std::filesystem::remove_all(options.directory);
  std::filesystem::create_directories(options.directory);
  const auto begun = std::chrono::steady_clock::now();
  const Tally tally = act(options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%.1f s; payments %llu, links whose date passed %llu, answers that say nothing %llu\n", took.count(),
              static_cast<unsigned long long>(tally.payments), static_cast<unsigned long long>(tally.dates),
              static_cast<unsigned long long>(tally.silent));
  // From a server that says nothing nobody learns whether it would say what is true.
  const bool is_mute = tally.silent > tally.operations / silent_max;
  if (is_mute) std::printf("VIOLATION R4: more than one answer of %llu says nothing\n", silent_max);
  const auto missed = tally.spoiled - tally.rejected + (tally.spoiled == 0 ? 1 : 0) + (is_mute ? 1 : 0);
  const auto violations = tally.wrong + missed;
  std::printf(
      "operations %llu, links %llu, not linearizable %llu, spoiled and rejected %llu of %llu, violations %llu\n",
      static_cast<unsigned long long>(tally.operations), static_cast<unsigned long long>(tally.links),
      static_cast<unsigned long long>(tally.wrong), static_cast<unsigned long long>(tally.rejected),
      static_cast<unsigned long long>(tally.spoiled), static_cast<unsigned long long>(violations));
  return violations == 0 ? 0 : 1;
}

bool read(Options& options, int argc, char** argv) {
  testing::ProgramOptions all("linearizability --binary FILE --directory DIR [--operations N] [--seed N]");
  all.text("--binary", options.binary).text("--directory", options.directory);
  all.number("--operations", options.operations, std::uint64_t{1}).number("--seed", options.seed);
  return all.read(argc, argv);
}

}  // namespace
}  // namespace paylink::linearizability

int main(int argc, char** argv) {
  using namespace paylink::linearizability;
  Options options;
  if (!read(options, argc, argv)) return 2;
  return run(options);
}
