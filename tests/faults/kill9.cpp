// Kills the server with SIGKILL at random moments under load, restarts it on the same data, and checks that everything
// it has acknowledged is there and that no money was taken twice. README.md lists the invariants.
//
//   kill9 --binary build/release/paylink --directory build/faults/kill9 [--cycles 50] [--seed 1] [--expect-violation]
//
// The last line of the output is `cycles N, acks checked N, violations N`. Exits 1 on a violation; with
// --expect-violation, for a server that is known to be broken, exits 1 when there is none.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "campaign.hpp"

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
    if (name == "--binary")
      options.binary = value;
    else if (name == "--directory")
      options.directory = value;
    else if (name == "--cycles")
      options.cycles = std::atoi(value);
    else if (name == "--seed")
      options.seed = std::strtoull(value, nullptr, 10);
    else
      options.cycles = 0;
  }
  if (options.binary.empty() || options.directory.empty() || options.cycles < 1) {
    std::fprintf(stderr, "usage: kill9 --binary FILE --directory DIR [--cycles N] [--seed N] [--expect-violation]\n");
    return 2;
  }
  const auto result = paylink::faults::run_campaign(options);
  std::printf("cycles %d, acks checked %llu, violations %llu\n", result.cycles,
              static_cast<unsigned long long>(result.acks_checked), static_cast<unsigned long long>(result.violations));
  return (result.violations > 0) == expect_violation ? 0 : 1;
}
