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
#include <cstdlib>
#include <string_view>

#include "campaign.hpp"

namespace paylink::faults {
namespace {

struct NamedVictim {
  std::string_view name;
  Victim victim;
};

constexpr NamedVictim victims[] = {{"one_node", Victim::one_node}, {"all_nodes", Victim::all_nodes},
                                   {"storage", Victim::storage},   {"postmaster", Victim::postmaster},
                                   {"backend", Victim::backend},   {"everything", Victim::everything}};

// False when there is no such option, or no such value of it.
bool take(CampaignOptions& options, std::string_view name, const char* value) {
  if (name == "--binary") options.binary = value;
  if (name == "--directory") options.directory = value;
  if (name == "--cycles") options.cycles = std::atoi(value);
  if (name == "--seed") options.seed = std::strtoull(value, nullptr, 10);
  if (name == "--cut-starts") options.cut_starts = std::atoi(value);
  if (name == "--cut-starts" || name == "--binary" || name == "--directory" || name == "--cycles" || name == "--seed")
    return true;
  if (name == "--database") {
    options.engine = std::string_view(value) == "postgres" ? Engine::postgres : Engine::sqlite;
    return options.engine == Engine::postgres || std::string_view(value) == "sqlite";
  }
  const auto* const found = std::ranges::find(victims, std::string_view(value), &NamedVictim::name);
  if (name != "--victim" || found == std::end(victims)) return false;
  options.victim = found->victim;
  return true;
}

}  // namespace
}  // namespace paylink::faults

int main(int argc, char** argv) {
  paylink::faults::CampaignOptions options;
  bool expect_violation = false;
  for (int at = 1; at < argc; ++at) {
    const std::string_view name = argv[at];
    const char* value = at + 1 < argc ? argv[at + 1] : "";
    if (name == "--expect-violation") {
      expect_violation = true;
      continue;
    }
    ++at;
    if (!paylink::faults::take(options, name, value)) options.cycles = 0;
  }
  if (options.binary.empty() || options.directory.empty() || options.cycles < 1) {
    std::fprintf(stderr,
                 "usage: kill9 --binary FILE --directory DIR [--cycles N] [--seed N] [--expect-violation] "
                 "[--database sqlite|postgres] [--victim NAME] [--cut-starts N]\n");
    return 2;
  }
  const auto result = paylink::faults::run_campaign(options);
  std::printf("cycles %d, starts cut short %llu, acks checked %llu, violations %llu\n", result.cycles,
              static_cast<unsigned long long>(result.cut_starts), static_cast<unsigned long long>(result.acks_checked),
              static_cast<unsigned long long>(result.violations));
  return (expect_violation ? result.lost > 0 : result.violations == 0) ? 0 : 1;
}
