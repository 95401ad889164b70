// Lets each call to the disk, and for memory, fail in turn, once or from then on, while the program goes through
// everything that moves money, and sees what it said and what it left: README.md. N of all cases (1000; 0: all of
// them), from SEED (a random one) on. Last line: `faults N of N, violations N; answers before the commit caught N of
// N`.
#include <sqlite3.h>

#include <array>
#include <iostream>

#include "disk_vfs.hpp"
#include "life.hpp"
#include "look.hpp"
#include "shares.hpp"

namespace paylink::power {
namespace {

struct Kind {
  std::string_view name;
  Call call;
  int code;
  bool leaves_open;  // what became of a commit: the program may end without an answer
};
constexpr std::array<Kind, 6> kinds = {{{"read", Call::read, SQLITE_IOERR_READ, false},
                                        {"write", Call::write, SQLITE_IOERR_WRITE, true},
                                        {"disk full", Call::write, SQLITE_FULL, false},
                                        {"sync", Call::sync, SQLITE_IOERR_FSYNC, true},
                                        {"truncate", Call::truncate, SQLITE_IOERR_TRUNCATE, false},
                                        {"memory", Call::memory, SQLITE_NOMEM, true}}};

constexpr int controls = 5;  // of each process

struct Case {
  const Flow* flow;
  const Kind* kind;
  Lasting lasting;
  int at;
};

std::string say(const Case& c) {
  return std::string(c.flow->name) + ", " + std::string(c.kind->name) + " " + std::to_string(c.at) +
         (c.lasting == Lasting::on ? " and on" : "");
}

struct Outcome {
  std::uint64_t all = 0;  // cases there are
  std::uint64_t violations = 0;
  std::uint64_t controls = 0;
  std::uint64_t caught = 0;                                       // of these
  std::array<std::array<std::uint64_t, 4>, kinds.size()> ends{};  // by kind: how many lives ended so
};

class Campaign {
 public:
  explicit Campaign(std::uint64_t seed) : chance_(seed), world_(seed) { lay_out_files(); }

  // A program that answers before the commit, and cannot write then: whoever does not see that sees nothing.
  void control() {
    world_.answer = runtime::Answer::before_commit;
    for (int at = 1; at <= controls; ++at) {
      const Flow& paying = flows()[1];  // one commit after the other
      const Life life = live(world_, files_, count(files_), &paying, {Call::write, SQLITE_IOERR_WRITE, at});
      Platter platter(files_);
      for (const Operation& operation : life.log) platter.apply(operation);
      mount(std::make_shared<Disk>(platter.shown()));
      ++outcome_.controls;
      if (!complaints(life.promises, world_).empty()) ++outcome_.caught;
    }
    world_.answer = runtime::Answer::after_commit;
  }

  Outcome run(std::uint64_t wanted, std::uint64_t share, std::uint64_t shares) {
    const std::vector<Case> cases = all_cases();
    outcome_.all = cases.size();
    const std::vector<const Case*> chosen = choose(cases, wanted);  // the same in every share
    control();
    for (std::size_t i = share; i < chosen.size(); i += shares) run(*chosen[i]);
    return outcome_;
  }

 private:
  // A database that was not closed: the program recovers it when it starts.
  void lay_out_files() {
    const auto disk = std::make_shared<Disk>();
    mount(disk);
    if (const auto laid_out = lay_out(world_); !laid_out) fail_all("the layout", laid_out.error().detail);
    const Life life = live(world_, disk->files(), count(disk->files()), nullptr, {});
    Platter platter(disk->files());
    for (const Operation& operation : life.log) platter.apply(operation);
    files_ = platter.shown();
    world_.promises = life.promises;
    world_.titles = 1'000;
    world_.random.branch(2);  // the next lives must draw other identifiers
  }

  std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const Flow& flow : flows()) {
      const Life life = live(world_, files_, count(files_), &flow, {Call::memory, SQLITE_NOMEM, 1'000'000'000});
      const bool is_refused = std::ranges::any_of(
          life.promises, [](const Promise& promise) { return promise.kind == Promise::Kind::no_link; });
      if (life.end != End::served || !life.goes_on || is_refused)
        fail_all(std::string(flow.name), "fails without a fault");
      for (const Kind& kind : kinds)
        for (const Lasting lasting : {Lasting::once, Lasting::on})
          for (int at = 1; at <= life.calls[static_cast<std::size_t>(kind.call)]; ++at)
            cases.push_back({&flow, &kind, lasting, at});
    }
    return cases;
  }

  // Of each kind as many, as far as there are so many.
  std::vector<const Case*> choose(const std::vector<Case>& cases, std::uint64_t wanted) {
    std::vector<const Case*> chosen;
    for (const Kind& kind : kinds) {
      std::vector<const Case*> of_kind;
      for (const Case& c : cases)
        if (c.kind == &kind) of_kind.push_back(&c);
      const std::size_t stride = wanted == 0 ? 1 : std::max<std::size_t>(1, of_kind.size() * kinds.size() / wanted);
      for (std::size_t i = below(chance_, stride); i < of_kind.size(); i += stride) chosen.push_back(of_kind[i]);
    }
    return chosen;
  }

  Life live_through(const Case& c) {
    return live(world_, files_, count(files_), c.flow, {c.kind->call, c.kind->code, c.at, c.lasting});
  }

  void run(const Case& c) {
    const Life life = live_through(c);
    ++outcome_.ends[static_cast<std::size_t>(c.kind - kinds.data())][static_cast<std::size_t>(life.end)];
    if (!life.has_struck) violation(c, "the fault did not come");
    if (life.end == End::broken) return violation(c, "the process was killed, or hung");
    if (life.end == End::unanswered && !c.kind->leaves_open &&
        !(c.kind->code == SQLITE_FULL && holds_more_than_answered(life)))
      violation(c, "it gave no answer where no was one");
    if (life.end == End::served && !life.goes_on)
      violation(c, "nothing can be stored once the fault is gone: " + life.why_not);
    if (!life.bad_answers.empty()) violation(c, "answered as a bug of ours: " + life.bad_answers);
    examine(c, life);
  }

  bool holds_more_than_answered(const Life& life) {
    Platter platter(files_);
    std::size_t position = 0;
    const auto content_at = [&](std::size_t end) {
      for (; position < end; ++position) platter.apply(life.log[position]);
      return content(platter.shown());
    };
    const std::uint64_t answered = content_at(life.accepted_at.empty() ? 0 : life.accepted_at.back());
    return content_at(life.log.size()) != answered;
  }

  // Killed, or its power cut, where it first told somebody no, and at its end; and after it has been started again.
  void examine(const Case& c, const Life& life) {
    Platter platter(files_);
    std::size_t position = 0;
    const auto go_to = [&](std::size_t end) {
      for (; position < end; ++position) platter.apply(life.log[position]);
    };
    if (life.refused_at) {
      // Whoever was told yes at the same moment had a part in the same commit.
      const auto yes = std::ranges::lower_bound(life.accepted_at, *life.refused_at);
      const bool is_alone = yes == life.accepted_at.end() || *yes != *life.refused_at;
      go_to(yes == life.accepted_at.begin() ? 0 : *(yes - 1));
      const Files before = platter.shown();
      go_to(*life.refused_at);
      if (is_alone && !holds_the_same(c, before, platter.shown()))
        violation(c, "somebody was told no, and something has changed");
      examine(c, "after the first refusal", platter, promises_until(life, position));
    }
    go_to(life.log.size());
    examine(c, "at the end", platter, life.promises);
    if (life.end == End::unanswered) start_again(c, platter, life.promises);
  }

  // What the next process says, too, must be there after a power cut: it may stand on what no sync has confirmed.
  void start_again(const Case& c, Platter& platter, std::vector<Promise> promises) {
    const Life next = live(world_, platter.shown(), platter.numbers(), nullptr, {});
    if (next.end != End::served || !next.goes_on) violation(c, "it does not start again");
    for (const Operation& operation : next.log) platter.apply(operation);
    std::ranges::copy(next.promises, std::back_inserter(promises));
    examine(c, "after the next start", platter, promises);
  }

  static std::vector<Promise> promises_until(const Life& life, std::size_t end) {
    std::vector<Promise> promises;
    std::ranges::copy_if(life.promises, std::back_inserter(promises),
                         [&](const Promise& promise) { return promise.moment <= end; });
    return promises;
  }

  void examine(const Case& c, const std::string& when, const Platter& platter, const std::vector<Promise>& promises) {
    for (const auto& [what, files] : {std::pair("killed ", platter.shown()), {"power cut ", platter.cut(chance_)}}) {
      mount(std::make_shared<Disk>(files));
      if (const std::string found = complaints(promises, world_); !found.empty())
        violation(c, what + when + ": " + found);
    }
  }

  // Where memory ran out, a transaction of which all was taken back may be committed: its pages then hold what they
  // held, but for a number.
  bool holds_the_same(const Case& c, const Files& some, const Files& others) {
    const auto rows = [this](const Files& files) {
      mount(std::make_shared<Disk>(files));
      return look_at_rows(world_).content;
    };
    return content(some) == content(others) || (c.kind->call == Call::memory && rows(some) == rows(others));
  }

  std::uint64_t content(Files files) { return look_at_bytes(world_, std::make_shared<Disk>(std::move(files))).content; }

  void violation(const Case& c, const std::string& what) {
    ++outcome_.violations;
    std::cerr << "  " << say(c) << ": " << what << "\n";
  }
  [[noreturn]] static void fail_all(const std::string& what, const std::string& why) {
    std::cerr << "disk_faults: " << what << ": " << why << "\n";
    std::_Exit(70);
  }

  Chance chance_;
  World world_;
  Files files_;
  Outcome outcome_;
};

}  // namespace

int main() {
  const std::uint64_t wanted = number_of("N", 1'000);
  const std::uint64_t seed = number_of("SEED", SystemRandom().number() % 1'000'000);
  std::cout << "disk_faults: seed " << seed << std::endl;
  install_disk_vfs();
  Outcome sum;
  for (const auto& part : in_shares<Outcome>(
           [&](std::uint64_t share, std::uint64_t shares) { return Campaign(seed).run(wanted, share, shares); })) {
    if (!part) {
      std::cout << "a process ended before its share was done\n";
      ++sum.violations;
      continue;
    }
    sum.all = std::max(sum.all, part->all);
    sum.violations += part->violations;
    sum.controls += part->controls;
    sum.caught += part->caught;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind)
      for (std::size_t end = 0; end < 4; ++end) sum.ends[kind][end] += part->ends[kind][end];
  }
  std::uint64_t runs = 0;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const auto& [served, not_started, unanswered, broken] = sum.ends[kind];
    std::cout << kinds[kind].name << ": " << served << " served on, " << not_started << " did not start, " << unanswered
              << " ended without an answer, " << broken << " broke\n";
    runs += served + not_started + unanswered + broken;
  }
  if (sum.caught == 0) {
    std::cout << "the program that answers before the commit was not caught\n";
    ++sum.violations;
  }
  std::cout << "faults " << runs << " of " << sum.all << ", violations " << sum.violations
            << "; answers before the commit caught " << sum.caught << " of " << sum.controls << std::endl;
  return sum.violations == 0 && runs > 0 ? 0 : 1;
}

}  // namespace paylink::power

int main() { return paylink::power::main(); }
