#include "campaign.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include "checks.hpp"
#include "clerk.hpp"
#include "client.hpp"
#include "family_checks.hpp"
#include "site.hpp"
#include "workload.hpp"

namespace paylink::faults {
namespace {

using std::chrono::milliseconds;

constexpr int cycles_a_generation = 50;  // then a new data directory, so that checks stay quick in long campaigns
constexpr int cycles_between_checks = 5;
constexpr int cycles_between_settlements = 25;
constexpr milliseconds kill_patience{50};  // for an acknowledgement to kill at
constexpr std::size_t revoked_keys_tried = 20;
constexpr std::size_t older_links_read = 200;  // again after every restart, besides everything that is new
constexpr milliseconds flow_time{4'000};       // for a flow that was cut off, and whoever else holds a key
constexpr int waits_in_vain_max = 5;
constexpr milliseconds cache_time{1'000};  // within which a node that lives on refuses a revoked key
constexpr milliseconds longer_than_requests_wait{6'000};
constexpr milliseconds longer_than_fates_are_asked{18'000};
constexpr std::array on_postgres = {Victim::one_node, Victim::storage,    Victim::all_nodes,
                                    Victim::backend,  Victim::everything, Victim::postmaster};

// What the clients saw, synced before the next restart: the evidence when something is missing. Never in the server's
// directory.
class ClientLog {
 public:
  explicit ClientLog(const std::string& path)
      : file_(open(path.c_str(), O_CREAT | O_TRUNC | O_APPEND | O_WRONLY | O_CLOEXEC, 0600)) {}
  ~ClientLog() { close(file_); }
  ClientLog(const ClientLog&) = delete;
  ClientLog& operator=(const ClientLog&) = delete;

  void append(int cycle, const Oracle::News& news) {
    std::string lines;
    for (const auto& create : news.creates)
      lines += std::to_string(cycle) + " create " + create.title + (create.key.empty() ? " plain" : " keyed") +
               (create.answer ? " ok " + json_text(*create.answer, "id").value_or("?") : " unknown") + "\n";
    for (const auto& title : news.refused) lines += std::to_string(cycle) + " create " + title + " refused\n";
    for (const auto& paid : news.paid)
      lines += std::to_string(cycle) + " paid " + paid.link + " ok " + paid.payment + "\n";
    for (const auto& key : news.keys_made) lines += std::to_string(cycle) + " key " + key.id + " ok\n";
    for (const auto& key : news.keys_revoked) lines += std::to_string(cycle) + " revoked " + key.id + " ok\n";
    for (const auto& family : news.families) lines += std::to_string(cycle) + " family " + describe(family) + "\n";
    for (const auto& refund : news.refunds)
      lines +=
          std::to_string(cycle) + " refund of " + refund.paid.payment + (refund.answer ? " ok" : " unknown") + "\n";
    for (const auto& deactivation : news.deactivations)
      lines += std::to_string(cycle) + " deactivated " + deactivation.link +
               (deactivation.answer ? " ok" : " unknown") + "\n";
    if (write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()) || fdatasync(file_) != 0) {
      std::perror("kill9: the client log");
      std::exit(3);
    }
  }

 private:
  const int file_;
};

// Some cycles on one installation.
class Generation {
 public:
  Generation(const CampaignOptions& options, int first_cycle, PostgresCluster* cluster, Violations& violations)
      : options_(options),
        directory_(options.directory + "/" + std::to_string(first_cycle)),
        choices_(options.seed * 7919 + static_cast<std::uint64_t>(first_cycle)),
        violations_(violations),
        log_((std::filesystem::create_directories(directory_), directory_ + "/clients.log")),
        site_(options.binary, directory_, options.seed, cluster, violations),
        families_(violations, choices_()),
        checks_({site_.target().data_dirs.front(), directory_ + "/copy", site_.target().database, cluster},
                violations) {}

  void run_cycle(int cycle, int done) {
    if (options_.engine == Engine::sqlite) cut_starts_short();
    site_.start();
    verify();
    auto target = site_.target();
    target.session = families_.sign_in(target);
    Workload load(std::move(target), oracle_, violations_, options_.seed, cycle);
    std::this_thread::sleep_for(milliseconds(5 + choices_() % 496));
    const auto strike = [this, victim = victim_of(cycle), random = choices_()](std::size_t node) {
      site_.strike(victim, node, random);
    };
    // Links are promised far more often than tokens.
    load.trigger().arm(strike, choices_() % 2 == 0 ? Promise::any : Promise::token);
    if (choices_() % 2 == 0) std::this_thread::sleep_for(kill_patience);
    load.trigger().pull(choices_(), Promise::any);
    site_.bury();
    if (site_.target().ports.size() > 1) live_through(victim_of(cycle));
    load.join();
    quiet_since_ = std::chrono::steady_clock::now();
    site_.bury();
    news_ = oracle_.take_news();
    log_.append(cycle, news_);
    for (const auto& title : news_.refused) checks_.expect_absent(title);
    if (done % cycles_between_checks == 0) checks_.check_crashed();
  }

  // Everything once more, and until nothing waits any longer.
  void settle() {
    site_.start();
    verify();
    wait_until_settled();
    families_.forget_session();  // the clock has gone on for longer than one lasts
    for (auto& link : oracle_.links()) verify_link(link);
    site_.bury();
    site_.strike(Victim::all_nodes, 0, 0);
    site_.bury();
    news_ = {};
    checks_.check_crashed();
    checks_.check_settled();
  }

  std::uint64_t cut_starts() const { return cut_starts_; }
  const Acks& acks() const { return oracle_.acks(); }
  std::uint64_t refusals() const { return oracle_.refusals(); }

 private:
  Victim victim_of(int cycle) const {
    if (options_.engine == Engine::sqlite) return Victim::all_nodes;
    return options_.victim.value_or(
        on_postgres[(options_.seed + static_cast<std::uint64_t>(cycle)) % on_postgres.size()]);
  }

  // Whoever recovers may die of it too.
  void cut_starts_short() {
    for (int i = 0; i < options_.cut_starts; ++i) {
      site_.cut_start_short(std::chrono::microseconds(1'000 + choices_() % 49'000));
      ++cut_starts_;
    }
  }

  // The clients go on with the nodes that are left, and through the absence of the storage.
  void live_through(Victim victim) {
    milliseconds outage(choices_() % 300);
    const auto turn = choices_() % 16;
    if (victim == Victim::storage || victim == Victim::postmaster) {
      if (turn < 2) outage += longer_than_requests_wait;
      if (turn == 2) outage += longer_than_fates_are_asked;
    }
    site_.recover_storage(outage);
    std::this_thread::sleep_for(milliseconds(choices_() % 200));
  }

  // Any node answers for all.
  Client& client() { return *clients_[choices_() % clients_.size()]; }

  void verify() {
    clients_.clear();
    for (std::size_t node = 0; node < site_.target().ports.size(); ++node)
      clients_.push_back(site_.target().connect(node));
    for (auto& create : news_.creates)
      if (!create.key.empty()) verify_key(create);
    for (const auto& deactivation : news_.deactivations) switched_off_.insert(deactivation.link);
    for (const auto& paid : news_.paid) {
      checks_.expect_paid(paid.payment);
      verify_paid(paid);
    }
    if (!news_.deactivations.empty() && clients_.size() > 1) end_leases();
    for (auto& deactivation : news_.deactivations) verify_deactivation(deactivation);
    for (auto& refund : news_.refunds) verify_refund(refund);
    verify_keys();
    families_.verify(site_.target(), std::move(news_.families));
    auto& links = oracle_.links();
    const auto fresh = std::min(links.size(), news_.creates.size());
    for (auto link = links.end() - static_cast<std::ptrdiff_t>(fresh); link != links.end(); ++link) verify_link(*link);
    for (std::size_t read = 0; read < std::min(older_links_read, links.size()); ++read)
      verify_link(links[choices_() % links.size()]);
    news_ = {};
  }

  // A request with a key that somebody else still holds, such as a connection of a node that is gone. Of a server that
  // has lost its flows for good only the first few are waited for.
  template <class Send>
  std::optional<Answer> insist(Send send) {
    const auto end =
        std::chrono::steady_clock::now() + (waits_in_vain_ < waits_in_vain_max ? flow_time : milliseconds(0));
    for (;;) {
      auto answer = send();
      if (!answer || (answer->status != 409 && answer->status != 503)) return answer;
      if (std::chrono::steady_clock::now() >= end) {
        ++waits_in_vain_;
        return answer;
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  // A node cannot know that another is gone: it waits until the flow's time is over.
  void end_leases() {
    const auto moved = client().post("/sandbox/clock", R"({"advance":"3m"})");
    if (!moved || moved->status / 100 != 2) violations_.add("I4", "the clock cannot be moved: " + describe(moved));
  }

  // An acknowledged create is replayed; one whose outcome is unknown is sent again, and then replayed.
  void verify_key(Create& create) {
    if (!create.answer) {
      const auto answer = insist([&] { return client().post("/v2/payment_links", create.body, create.key); });
      if (!answer || answer->status != 201)
        return violations_.add("I4", "the retried key of " + create.title + " got " + describe(answer));
      create.answer = answer->body;
      oracle_.created(create);
      oracle_.take_news();
    }
    const auto replay = client().post("/v2/payment_links", create.body, create.key);
    if (!replay || replay->status != 201 || replay->body != *create.answer)
      violations_.add("I4", "the replayed key of " + create.title + " got other bytes: " + describe(replay));
  }

  int status_with(const ApiKey& key) {
    const auto& target = site_.target();
    Client client(target.ports[choices_() % target.ports.size()], key.authorization, target.host);
    const auto answer = client.get("/v2/organization");
    return answer ? answer->status : 0;
  }

  // A key that was made works; one that was revoked does not, and never again.
  void verify_keys() {
    std::move(news_.keys_revoked.begin(), news_.keys_revoked.end(), std::back_inserter(revoked_));
    const auto& target = site_.target();
    if (target.ports.size() > 1) std::this_thread::sleep_until(quiet_since_ + cache_time);
    for (std::size_t i = revoked_.size() - std::min(revoked_.size(), revoked_keys_tried); i < revoked_.size(); ++i)
      if (const int status = status_with(revoked_[i]); status != 401)
        violations_.add("I8", "the key " + revoked_[i].id + " was revoked and gets " + std::to_string(status));
    const Clerk clerk(target.binary, target.data_dirs.front(), target.database);
    for (const auto& key : news_.keys_made) {
      if (const int status = status_with(key); status != 200)
        violations_.add("I8", "the key " + key.id + " was made and gets " + std::to_string(status));
      if (clerk.revoke(key)) revoked_.push_back(key);  // an organization may have a hundred
    }
  }

  // The same for a link that was switched off; one whose flow was cut off is being finished meanwhile.
  void verify_deactivation(Deactivation& deactivation) {
    const std::string path = "/v2/payment_links/" + deactivation.link + "/deactivate";
    auto answer = insist([&] { return client().patch(path, deactivation.key); });
    if (!deactivation.answer) {
      if (!answer || (answer->status != 200 && answer->status != 400))
        return violations_.add("I4", "the retried key " + deactivation.key + " got " + describe(answer));
      if (answer->status == 400) return;
      deactivation.answer = answer->body;
      answer = client().patch(path, deactivation.key);
    }
    if (!answer || answer->status != 200 || answer->body != *deactivation.answer)
      violations_.add("I4", "the replayed key " + deactivation.key + " got other bytes: " + describe(answer));
    const auto read = client().get("/v2/payment_links/" + deactivation.link);
    const auto link = read && read->status == 200 ? read_link(read->body) : std::nullopt;
    if (!link || (link->last_status != "canceled" && link->last_status != "processing"))
      violations_.add("I1", "acknowledged deactivation " + deactivation.key + " left its link as " + describe(read));
  }

  // The same for a refund, which is there from then on, and once.
  void verify_refund(RefundRequest& refund) {
    const std::string path = refunds_path(refund.paid);
    auto answer = insist([&] { return client().post(path, refund_body, refund.key); });
    if (!refund.answer) {
      if (!answer || (answer->status != 201 && answer->status != 400))
        return violations_.add("I4", "the retried key " + refund.key + " got " + describe(answer));
      if (answer->status == 400) return;
      refund.answer = answer->body;
      answer = client().post(path, refund_body, refund.key);
    }
    if (!answer || answer->status != 201 || answer->body != *refund.answer)
      violations_.add("I4", "the replayed key " + refund.key + " got other bytes: " + describe(answer));
    const auto listed = client().get(path + "?per_page=100");
    const std::string id = json_text(*refund.answer, "id").value_or("");
    const bool is_there = listed && listed->status == 200 && !id.empty() && listed->body.find(id) != std::string::npos;
    if (!is_there) violations_.add("I1", "acknowledged refund " + id + " is not listed: " + describe(listed));
  }

  void verify_link(KnownLink& link) {
    const auto answer = client().get("/v2/payment_links/" + link.id);
    const auto now = answer && answer->status == 200 ? read_link(answer->body) : std::nullopt;
    if (!now || now->core != link.core)
      return violations_.add(answer && answer->status == 404 ? "I1 lost" : "I1",
                             "acknowledged link " + link.id + " reads " + describe(answer));
    if (!link_may_go(link.last_status, now->last_status))
      violations_.add("I5", "link " + link.id + " went from " + link.last_status + " to " + now->last_status);
    link.last_status = now->last_status;
  }

  void verify_paid(const PaidAnswer& paid) {
    const auto answer = client().get("/v2/payment_links/" + paid.link);
    const auto link = answer && answer->status == 200 ? read_link(answer->body) : std::nullopt;
    // Of a link that was switched off before the money came, it is surplus, and somebody else may still be paying.
    const bool is_surplus = link && switched_off_.contains(paid.link) &&
                            (link->last_status == "canceled" || link->last_status == "processing");
    if (!link || (!link->reusable && link->last_status != "paid" && !is_surplus))
      violations_.add("I1", "acknowledged payment " + paid.payment + " left its link as " + describe(answer));
  }

  // The sandbox's clock brings forward what the reconciler would look at later.
  void wait_until_settled() {
    std::string waiting;
    for (int turn = 0; turn < 60; ++turn) {
      const auto moved = client().post("/sandbox/clock", R"({"advance":"2h"})");
      if (!moved || moved->status / 100 != 2)
        return violations_.add("I6", "the clock cannot be moved: " + describe(moved));
      for (int look = 0; look < 10; ++look) {
        waiting = checks_.unsettled();
        if (waiting.empty()) return;
        std::this_thread::sleep_for(milliseconds(50));
      }
    }
    violations_.add("I6", "not settled after 30 seconds: " + waiting);
  }

  static std::string describe(const std::optional<Answer>& answer) {
    return answer ? std::to_string(answer->status) + " " + answer->body : std::string("no answer");
  }

  const CampaignOptions& options_;
  const std::string directory_;
  std::mt19937_64 choices_;
  Violations& violations_;
  ClientLog log_;
  Site site_;
  std::vector<std::unique_ptr<Client>> clients_;  // to each node
  Oracle oracle_;
  Oracle::News news_;
  std::vector<ApiKey> revoked_;
  std::set<std::string> switched_off_;                 // links, also those of which it is not known
  std::chrono::steady_clock::time_point quiet_since_;  // when the last operator had ended
  FamilyChecks families_;
  DatabaseChecks checks_;
  int waits_in_vain_ = 0;
  std::uint64_t cut_starts_ = 0;
};

}  // namespace

CampaignResult run_campaign(const CampaignOptions& options) {
  std::filesystem::remove_all(options.directory);
  std::optional<PostgresCluster> cluster;
  if (options.engine == Engine::postgres) cluster.emplace();
  Violations violations;
  CampaignResult result;
  Acks acks;
  while (result.cycles < options.cycles) {
    Generation generation(options, result.cycles + 1, cluster ? &*cluster : nullptr, violations);
    for (int done = 1; done <= cycles_a_generation && result.cycles < options.cycles; ++done) {
      generation.run_cycle(++result.cycles, done);
      if (done % cycles_between_settlements == 0 || result.cycles == options.cycles) generation.settle();
    }
    acks += generation.acks();
    result.acks_checked = acks.sum();
    result.cut_starts += generation.cut_starts();
    result.refusals_checked += generation.refusals();
    std::printf("cycle %d: %llu acks, %llu refusals, %llu violations\n", result.cycles,
                static_cast<unsigned long long>(result.acks_checked),
                static_cast<unsigned long long>(result.refusals_checked),
                static_cast<unsigned long long>(violations.count()));
  }
  std::printf("acknowledged: %s\n", acks.text().c_str());
  // What never came about was not checked either.
  if (result.cycles >= cycles_between_settlements && acks.lacks_some())
    violations.add("workload", "of some kind nothing was acknowledged: " + acks.text());
  result.violations = violations.count();
  result.lost = violations.count_of("I1 lost");
  if (result.violations > 0) std::printf("violations: %s\n", violations.summary().c_str());
  return result;
}

}  // namespace paylink::faults
