// Kills the server with SIGKILL at random moments under load, restarts it on the same data, and checks that everything
// it has acknowledged is there and that no money was taken twice. README.md lists the invariants.
//
//   kill9 --binary build/release/paylink --directory build/faults/kill9 [--cycles 50] [--seed 1] [--expect-violation]
//         [--database sqlite|postgres] [--victim one_node|all_nodes|storage|postmaster|backend|everything]
//         [--cut-starts 1]
//
// The last line of the output is `cycles N, starts cut short N, acks checked N, violations N`. Exits 1 on a violation;
// with
// --expect-violation, for a server that is known to be broken, exits 1 unless an acknowledged link was lost.

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "campaign.hpp"
#include "support/options.hpp"

namespace paylink::faults {
namespace {

struct NamedVictim {
  std::string_view name;
  Victim victim;
};

constexpr NamedVictim victims[] = {{"one_node", Victim::one_node}, {"all_nodes", Victim::all_nodes},
                                   {"storage", Victim::storage},   {"postmaster", Victim::postmaster},
                                   {"backend", Victim::backend},   {"everything", Victim::everything}};

struct Options {
  CampaignOptions campaign;
  bool expect_violation = false;
};

bool read(Options& options, int argc, char** argv) {
  testing::ProgramOptions all(
      "kill9 --binary FILE --directory DIR [--cycles N] [--seed N] [--expect-violation] "
      "[--database sqlite|postgres] [--victim NAME] [--cut-starts N]");
  CampaignOptions& campaign = options.campaign;
  all.text("--binary", campaign.binary).text("--directory", campaign.directory).number("--cycles", campaign.cycles, 1);
  all.number("--seed", campaign.seed).number("--cut-starts", campaign.cut_starts);
  all.flag("--expect-violation", options.expect_violation);
  all.add("--database", [&campaign](std::string_view name) {
    campaign.engine = name == "postgres" ? Engine::postgres : Engine::sqlite;
    return campaign.engine == Engine::postgres || name == "sqlite";
  });
  all.add("--victim", [&campaign](std::string_view name) {
    const auto* const found = std::ranges::find(victims, name, &NamedVictim::name);
    if (found == std::end(victims)) return false;
    campaign.victim = found->victim;
    return true;
  });
  return all.read(argc, argv);
}

}  // namespace
}  // namespace paylink::faults

int main(int argc, char** argv) {
  paylink::faults::Options options;
  if (!paylink::faults::read(options, argc, argv)) return 2;
  const auto result = paylink::faults::run_campaign(options.campaign);
  std::printf("cycles %d, starts cut short %llu, acks checked %llu, violations %llu\n", result.cycles,
              static_cast<unsigned long long>(result.cut_starts), static_cast<unsigned long long>(result.acks_checked),
              static_cast<unsigned long long>(result.violations));
  return (options.expect_violation ? result.lost > 0 : result.violations == 0) ? 0 : 1;
}
