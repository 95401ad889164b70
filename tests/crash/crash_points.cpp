// Kills a process at each point of each flow that moves money or lets it be moved, and sees what is left of it: with
// the payer gone for good, with one who comes back and does everything again, and with one who pays whatever he can pay
// meanwhile. They take turns; with ALL_PAYERS=1 each comes to every point. Last line: `points N, runs N, violations N`.
//
//   crash_points DIRECTORY [FLOW]
//
// The provider, our simulator, lives in the process that kills and outlives those that die. What they must leave is
// what the fault campaigns ask of a server (tests/faults/README.md), and the ledger's own check. A killed process keeps
// what it has written, so a directory in memory does, and is quicker. With CRASH_TWICE=1 the process that recovers is
// killed at each of its points too, which takes minutes.
//
// Of an authorization (OAuth) each point must leave an enabled connection whose grant works, or one that the owner can
// go on from: pending, with what he had begun forgotten in its time, or disabled, with its entry in the audit log and,
// where the provider has ended it, the operator's alert. What is sealed opens, and the provider holds no authorization
// that we do not know of but one whose tokens a process took with it.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "checks.hpp"
#include "flows.hpp"
#include "runtime/run_now.hpp"
#include "simulator/simulator.hpp"
#include "sqlite_reader.hpp"

namespace paylink::crash {
namespace {

using std::chrono::hours;
namespace files = std::filesystem;

constexpr int killed = 137;
constexpr int complained = 3;
constexpr int rounds_max = 8;  // of recovery: a minute later, then each an hour

// ---- the process that may die

struct Life {
  std::string directory;
  std::string provider_url;
  Time now;
  std::string application;  // ours at the provider
  std::string script;       // a flow's name, or "recover"
  int fatal = 0;
};

void write_text(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) std::abort();
  std::fputs(text.c_str(), file);
  std::fclose(file);
}

std::string read_text(const std::string& path) {
  std::string text(files::file_size(path), '\0');
  std::FILE* const file = std::fopen(path.c_str(), "r");
  if (file == nullptr || std::fread(text.data(), 1, text.size(), file) != text.size()) std::abort();
  std::fclose(file);
  return text;
}

const Flow* find_flow(std::string_view name) {
  for (const Flow& flow : flows())
    if (flow.name == name) return &flow;
  return nullptr;
}

int live(const Life& life) {
  Points points(life.fatal);
  Merchant merchant(life.directory + "/paylink.db", {life.provider_url, life.application}, life.now, points);
  if (const Flow* const flow = find_flow(life.script))
    flow->run(merchant);
  else
    reconcile(merchant);
  std::string names;
  for (const std::string& name : points.passed()) names += name + "\n";
  write_text(life.directory + "/points", names);
  const std::string found = complaints(merchant);
  write_text(life.directory + "/complaints", found);
  write_text(life.directory + "/state", state_of(merchant));
  return found.empty() ? 0 : complained;
}

// ---- the one that kills

// Runs this program again, and answers how it ended.
int run_life(const Life& life) {
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string now = std::to_string(to_microseconds(life.now)), fatal = std::to_string(life.fatal);
    ::execl("/proc/self/exe", "crash_points", "--live", life.directory.c_str(), life.provider_url.c_str(), now.c_str(),
            life.application.c_str(), life.script.c_str(), fatal.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

enum class Payer : std::uint8_t { gone, comes_back, pays_all };
constexpr std::pair<Payer, std::string_view> payers[] = {
    {Payer::gone, "gone"}, {Payer::comes_back, "comes back"}, {Payer::pays_all, "pays all"}};

// What a stage begins with.
struct Beginning {
  std::string from;  // a directory
  std::string_view application;
  std::chrono::minutes later{0};  // since it was made
};

// One data directory with a simulator of its own, from the first point of a flow to where everything is settled.
class Stage {
 public:
  Stage(std::string directory, const Beginning& beginning, faults::Violations& violations)
      : directory_(std::move(directory)), application_(beginning.application), violations_(violations) {
    clock_.advance(beginning.later);
    files::remove_all(directory_);
    files::create_directories(directory_);
    for (const auto* const file : {"/paylink.db", "/paylink.db-wal", "/simulator.db", "/simulator.db-wal"})
      if (files::exists(beginning.from + file)) files::copy_file(beginning.from + file, directory_ + file);
    auto created =
        simulator::Simulator::create({"127.0.0.1", 0, directory_ + "/simulator.db"}, clock_, random_, *client_);
    if (!created) std::abort();
    simulator_ = *std::move(created);
    simulator_->start();
  }
  ~Stage() { simulator_->stop(); }

  int run(const std::string& script, int fatal = 0) {
    return run_life({directory_, simulator_->base_url(), clock_.now(), application_, script, fatal});
  }
  void let_pass(std::chrono::microseconds time) { clock_.advance(time); }
  std::vector<std::string> points() const {
    std::vector<std::string> names;
    std::string text = read_text(directory_ + "/points");
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      names.push_back(text.substr(0, end));
    return names;
  }
  std::string state() const { return read_text(directory_ + "/state"); }

  // Everybody who was told of a page of the provider's pays there.
  void pay_all() {
    const faults::SqliteReader paylink(directory_ + "/paylink.db");
    std::vector<std::string> pages;
    paylink.each("SELECT checkout_url FROM attempts WHERE checkout_url <> ''",
                 [&](const faults::ReadRow& row) { pages.push_back(row.text(0)); });
    for (const std::string& page : pages) {
      http::ClientRequest request;
      request.method = "POST";
      request.url = page;
      request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
      request.body = "outcome=paid";
      if (!runtime::run_now(client_->send(std::move(request)))) std::abort();
    }
  }

  void check_crashed() { checks_.check_crashed(); }

  // What the provider still lets us do is what we know of. `lost`: tokens that a process has got and died before it had
  // kept them. They work for nobody, but cannot be taken back any more either.
  void check_authorizations(const std::string& what, std::int64_t lost) {
    const faults::SqliteReader ours(directory_ + "/paylink.db");
    const auto there = faults::SqliteReader(directory_ + "/simulator.db")
                           .number("SELECT count(*) FROM authorizations WHERE refresh_digest IS NOT NULL");
    const auto used = ours.number("SELECT count(*) FROM provider_grants WHERE state IN ('waiting', 'used')");
    // Forgotten for another one, instead of revoked (app::Successor).
    const auto replaced = ours.number(
        "SELECT count(*) FROM provider_grants g JOIN connections c ON c.organization_id = g.organization_id AND "
        "c.id = g.connection_id WHERE g.state = 'gone' AND c.grant_id IS NOT NULL AND c.grant_id <> g.id");
    if (there < used || there > used + replaced + lost)
      violations_.add("I8", what + ": the provider knows " + std::to_string(there) + " authorizations, we " +
                                std::to_string(used) + ", after " + std::to_string(replaced) + " others");
  }

  // Until nothing waits any longer. `fatal` is for the first look alone; answers whether it was reached.
  bool recover(const std::string& what, int fatal = 0) {
    const std::uint64_t before = violations_.count();
    const int first = fatal > 0 ? run("recover", fatal) : 0;
    const bool reached = first == killed;
    if (!reached && first != 0 && first != complained)
      violations_.add("I10", what + ": who recovers ended with " + std::to_string(first));
    std::string waiting;
    for (int round = 0; round < rounds_max; ++round) {
      let_pass(round == 0 ? std::chrono::minutes(1) : hours(1));
      const int ended = run("recover");
      if (ended != 0)
        violations_.add("I6", what + ": " +
                                  (ended == complained ? read_text(directory_ + "/complaints")
                                                       : "it ended with " + std::to_string(ended)));
      waiting = checks_.unsettled();
      if (waiting.empty()) waiting = unsettled_grants();
      if (waiting.empty()) break;
    }
    if (!waiting.empty()) violations_.add("I6", what + ": not settled, " + waiting);
    checks_.check_crashed();
    checks_.check_settled();
    check_told_once(what);
    if (violations_.count() != before)
      std::cout << "  in: " << what << ", which left " << state() << "\n" << std::flush;
    return reached;
  }

 private:
  // However often the provider was told of an attempt or a refund, it has made one.
  void check_told_once(const std::string& what) {
    const faults::SqliteReader ours(directory_ + "/paylink.db");
    const faults::SqliteReader theirs(directory_ + "/simulator.db");
    for (const auto& [here, there] : {std::pair("attempts", "payments"), std::pair("refunds", "refunds")})
      if (theirs.number("SELECT count(*) FROM " + std::string(there)) >
          ours.number("SELECT count(*) FROM " + std::string(here)))
        violations_.add("I2", what + ": the provider has more " + there + " than there are " + here);
  }

  // One waits for as long as its account is looked at.
  std::string unsettled_grants() const {
    const bool is_looked_at = faults::SqliteReader(directory_ + "/simulator.db")
                                  .number("SELECT count(*) FROM organizations WHERE onboarding <> 'completed'") > 0;
    const std::string at_rest = is_looked_at ? "'waiting', 'used', 'gone'" : "'used', 'gone'";
    const auto open = faults::SqliteReader(directory_ + "/paylink.db")
                          .number("SELECT count(*) FROM provider_grants WHERE state NOT IN (" + at_rest + ")");
    return open == 0 ? std::string() : std::to_string(open) + " grants under way";
  }

  const std::string directory_;
  const std::string application_;
  faults::Violations& violations_;
  SystemRandom random_;
  ManualClock clock_;
  std::unique_ptr<http::Client> client_ = http::Client::create();
  std::unique_ptr<simulator::Simulator> simulator_;
  faults::DatabaseChecks checks_{{directory_, directory_ + "/copy"}, violations_};
};

class Campaign {
 public:
  explicit Campaign(std::string directory) : directory_(std::move(directory)) {
    files::remove_all(directory_);
    files::create_directories(directory_);
    for (const auto& [begins, connected] :
         {std::pair(Begins::alone, Connected::no), std::pair(Begins::connected_by_key, Connected::by_key)}) {
      files::create_directories(template_of(begins));
      if (!lay_out(template_of(begins) + "/paylink.db", connected, ManualClock().now())) std::abort();
    }
  }

  void run(const Flow& flow) {
    if (flow.begins == Begins::connected_by_authorization && !authorize(flow.application)) return;
    const auto names = count(flow);
    std::cout << flow.name << ": " << names.size() << " points\n" << std::flush;
    const bool all = std::getenv("ALL_PAYERS") != nullptr;
    for (std::size_t fatal = 1; fatal <= names.size(); ++fatal) {
      ++points_;
      for (std::size_t turn = 0; turn < std::size(payers); ++turn) {
        if (!all && points_ % std::size(payers) != turn) continue;
        const auto& [payer, word] = payers[turn];
        const std::string what = std::string(flow.name) + ", " + names[fatal - 1] + ", payer " + std::string(word);
        die(flow, {static_cast<int>(fatal), loses_tokens(flow, names, fatal - 1)}, payer, what);
      }
    }
  }

  int end() {
    files::remove_all(directory_);
    std::cout << "points " << points_ << ", runs " << runs_ << ", violations " << violations_.count() << "\n";
    return violations_.count() == 0 && points_ > 0 ? 0 : 1;
  }

 private:
  // Where a process dies.
  struct Death {
    int point;
    bool loses_tokens;
  };

  // The next point after the provider has issued some is the one before they are kept.
  static bool loses_tokens(const Flow& flow, const std::vector<std::string>& names, std::size_t fatal) {
    const auto are_new = [&](const std::string& name) {
      return name == "after exchange" || (name == "after refresh" && flow.application == rotating_application);
    };
    return are_new(names[fatal]) || (fatal > 0 && are_new(names[fatal - 1]));
  }

  std::string template_of(Begins begins) const {
    const char* const names[] = {"/alone", "/by_key", "/by_authorization"};
    return directory_ + names[static_cast<int>(begins)];
  }
  Stage stage(const Flow& flow) {
    return {directory_ + "/stage", {template_of(flow.begins), flow.application, flow.later}, violations_};
  }

  // Makes what flows of that application begin with.
  bool authorize(std::string_view application) {
    Stage stage(template_of(Begins::connected_by_authorization), {template_of(Begins::alone), application},
                violations_);
    const bool is_done = stage.run(std::string(authorizing)) == 0;
    if (!is_done) violations_.add("I6", "nothing was authorized");
    return is_done;
  }

  // What the flow is when nobody dies.
  std::vector<std::string> count(const Flow& flow) {
    Stage stage = this->stage(flow);
    if (stage.run(std::string(flow.name)) != 0) violations_.add("I6", std::string(flow.name) + " failed");
    auto names = stage.points();
    stage.recover(std::string(flow.name));
    stage.check_authorizations(std::string(flow.name), 0);
    if (stage.state() != flow.end)
      violations_.add(
          "I1", std::string(flow.name) + " leads to: " + stage.state() + "; it should to: " + std::string(flow.end));
    return names;
  }

  // The process that recovers dies too, at each of its points in turn, when that is wanted.
  void die(const Flow& flow, const Death& death, Payer payer, const std::string& what) {
    const bool twice = std::getenv("CRASH_TWICE") != nullptr;
    for (int again = 0;; ++again) {
      ++runs_;
      Stage stage = this->stage(flow);
      const int ended = stage.run(std::string(flow.name), death.point);
      if (ended != killed) violations_.add("I10", what + ": it ended with " + std::to_string(ended));
      stage.check_crashed();
      if (payer == Payer::pays_all) stage.pay_all();
      if (payer == Payer::comes_back) {
        const int returned = stage.run(std::string(flow.name));
        if (returned != 0 && returned != complained)
          violations_.add("I10", what + ": whoever came back ended with " + std::to_string(returned));
        stage.check_crashed();
      }
      const bool reached = stage.recover(what, again);
      stage.check_authorizations(what, death.loses_tokens ? 1 : 0);
      if (payer == Payer::comes_back && flow.again == Again::same_end && stage.state() != flow.end)
        violations_.add("I1", what + " leads to: " + stage.state());
      if (flow.begins == Begins::connected_by_authorization) go_on(stage, what);
      if (!twice || (again > 0 && !reached)) return;
    }
  }

  // Whatever was left of his authorization, the merchant can be connected again.
  void go_on(Stage& stage, const std::string& what) {
    const int ended = stage.run(std::string(authorizing));
    const std::string state = stage.state();
    if (ended != 0 || !state.ends_with("enabled, grants used"))
      violations_.add("I1", what + ": connecting again leads to " + state);
  }

  const std::string directory_;
  faults::Violations violations_;
  std::size_t points_ = 0;
  std::size_t runs_ = 0;
};

}  // namespace

int run(int count, char** words) {
  if (count == 8 && std::string_view(words[1]) == "--live")
    return live({words[2], words[3], from_microseconds(std::strtoll(words[4], nullptr, 10)), words[5], words[6],
                 static_cast<int>(std::strtol(words[7], nullptr, 10))});
  if (count != 2 && count != 3) {
    std::cerr << "usage: crash_points DIRECTORY [FLOW]\n";
    return 2;
  }
  Campaign campaign(words[1]);
  for (const Flow& flow : flows())
    if (count == 2 || flow.name == words[2]) campaign.run(flow);
  return campaign.end();
}

}  // namespace paylink::crash

int main(int count, char** words) { return paylink::crash::run(count, words); }
