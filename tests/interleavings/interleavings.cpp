// Everybody who can act on one link at once, in every order (quality: R2): two payers, the merchant who switches it
// off, its date that passes, the provider's notices, the reconciler. README.md says how it is done and what is checked.
//
//   interleavings [--random N] [--seed N] [--all yes] [--roles ABME]
//
// The last line of the output is `interleavings N, states N, at random N, violations N`. Exits 1 on a violation, and
// when a control is not caught.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "explorer.hpp"
#include "support/options.hpp"

namespace paylink::interleavings {
namespace {

constexpr std::string_view letters = "ABMENR";
constexpr std::string_view everybody = letters;

struct Options {
  std::uint64_t random = 500;  // ways of all six
  std::uint64_t seed = 1;
  bool all = false;   // every four of them, which takes long
  std::string roles;  // only these
};

Scenario scenario_of(std::string_view roles, Way way = Way::at_once, Reusable reusable = Reusable::no) {
  Scenario scenario{std::string(roles), {}, way, reusable, Breakage::none};
  for (const char letter : roles) scenario.roles.push_back(static_cast<Role>(letters.find(letter)));
  if (way == Way::by_and_by) scenario.name += " by and by";
  if (reusable == Reusable::yes) scenario.name += " reusable";
  return scenario;
}

// Every so many of them; the second payer only together with the first, whose equal he is.
std::vector<std::string> groups_of(std::size_t size) {
  std::vector<std::string> groups;
  for (unsigned bits = 0; bits < 1U << letters.size(); ++bits) {
    std::string group;
    for (std::size_t i = 0; i < letters.size(); ++i)
      if ((bits >> i & 1U) != 0) group += letters[i];
    const bool has_payer = group.starts_with('A');
    if (group.size() == size && has_payer) groups.push_back(group);
  }
  return groups;
}

void add_variants(std::vector<Scenario>& scenarios, std::string_view roles) {
  for (const Way way : {Way::at_once, Way::by_and_by})
    for (const Reusable reusable : {Reusable::no, Reusable::yes})
      scenarios.push_back(scenario_of(roles, way, reusable));
}

std::vector<Scenario> scenarios(const Options& options) {
  // Those who come back again and again have many ways.
  constexpr std::string_view long_ones[] = {"ABN", "ABR"};
  std::vector<Scenario> found;
  if (!options.roles.empty()) {
    add_variants(found, options.roles);
  } else if (options.all) {
    for (const std::size_t size : {std::size_t{2}, std::size_t{3}, std::size_t{4}})
      for (const std::string& group : groups_of(size)) add_variants(found, group);
  } else {
    found.push_back(scenario_of("AMEN"));
    for (const std::string& group : groups_of(3))
      if (std::ranges::count(long_ones, group) == 0) found.push_back(scenario_of(group));
    for (const std::string& group : groups_of(2)) add_variants(found, group);
  }
  return found;
}

// All that `job` answers for 0 to `count`, on as many threads as there are processors.
template <class Job>
Tally spread(std::size_t count, const Job& job) {
  std::atomic<std::size_t> next{0};
  std::array<Tally, 2> tallies;
  const auto work = [&](Tally& tally) {
    for (std::size_t at = next++; at < count; at = next++) tally.add(job(at));
  };
  std::thread other(work, std::ref(tallies[1]));
  work(tallies[0]);
  other.join();
  tallies[0].add(tallies[1]);
  return tallies[0];
}

Tally explore(const std::vector<Scenario>& scenarios) {
  return spread(scenarios.size(), [&](std::size_t at) {
    const Tally tally = Explorer(scenarios[at]).explore();
    std::printf("%s: interleavings %llu, states %llu, violations %llu\n", scenarios[at].name.c_str(),
                static_cast<unsigned long long>(tally.interleavings), static_cast<unsigned long long>(tally.states),
                static_cast<unsigned long long>(tally.violations));
    return tally;
  });
}

Tally wander(const Options& options) {
  constexpr std::size_t parts = 8;
  return spread(parts, [&](std::size_t part) {
    const Way way = part % 2 == 0 ? Way::at_once : Way::by_and_by;
    Explorer explorer(scenario_of(everybody, way, part % 8 < 6 ? Reusable::no : Reusable::yes));
    Tally tally;
    for (std::uint64_t i = part; i < options.random; i += parts) tally.add(explorer.wander(options.seed + i));
    return tally;
  });
}

// Where what a transaction has read and what it writes are two steps, money must get lost or come twice; and to meet a
// state once must not leave out a way.
std::uint64_t check_controls() {
  std::uint64_t missed = 0;
  for (const std::string_view roles : {"AM", "AB", "AN"}) {
    Scenario broken = scenario_of(roles);
    broken.breakage = Breakage::check_then_write;
    const Tally tally = Explorer(broken).explore();
    std::printf("control %s, check and write apart: violations %llu\n", broken.name.c_str(),
                static_cast<unsigned long long>(tally.violations));
    if (tally.violations == 0) ++missed;
  }
  const Scenario small = scenario_of("AME");
  const Tally once = Explorer(small).explore(), again = Explorer(small, Same::walked_again).explore();
  std::printf("control %s, walked to each end: interleavings %llu, counted %llu\n", small.name.c_str(),
              static_cast<unsigned long long>(again.interleavings),
              static_cast<unsigned long long>(once.interleavings));
  if (once.interleavings != again.interleavings) ++missed;
  return missed;
}

bool read(Options& options, int argc, char** argv) {
  testing::ProgramOptions all("interleavings [--random N] [--seed N] [--all yes] [--roles ABME]");
  all.number("--random", options.random).number("--seed", options.seed);
  all.add("--all", [&options](std::string_view word) {
    options.all = word == "yes";
    return true;
  });
  all.add("--roles", [&options](std::string_view word) {
    options.roles = word;
    return word.find_first_not_of(letters) == std::string_view::npos;
  });
  return all.read(argc, argv);
}

}  // namespace
}  // namespace paylink::interleavings

int main(int argc, char** argv) {
  using namespace paylink::interleavings;
  Options options;
  if (!read(options, argc, argv)) return 2;
  const std::uint64_t missed = check_controls();
  Tally tally = explore(scenarios(options));
  const Tally random = wander(options);
  tally.violations += random.violations + missed;
  std::printf("interleavings %llu, states %llu, at random %llu, violations %llu\n",
              static_cast<unsigned long long>(tally.interleavings), static_cast<unsigned long long>(tally.states),
              static_cast<unsigned long long>(random.interleavings), static_cast<unsigned long long>(tally.violations));
  return tally.violations == 0 ? 0 : 1;
}
