// Cuts the power of a disk at every moment of the program's life on it, many times each, and sees what is left:
// README.md says what is modelled. N images (20000), from SEED (a random one) on, in as many processes as there are
// cores. Last line: `images N, lost N, corrupt N, violations N; NORMAL lost N of N, OFF corrupted N of N`. Fails as
// well when the controls, with weaker promises of SQLite's, do not lose and corrupt what they must.
#include <algorithm>
#include <array>
#include <iostream>

#include "disk_vfs.hpp"
#include "round.hpp"
#include "shares.hpp"

namespace paylink::power {
namespace {

constexpr std::array<int, 4> checkpoint_pages = {0, 8, 30, 100};  // 0: as the product has it
constexpr int images_a_point = 4;
constexpr std::size_t first_start_stride = 61;
constexpr std::size_t control_stride = 7;

struct Outcome {
  Tally product;
  Tally normal;
  Tally off;
};

void add(Tally& sum, const Tally& more) {
  sum.images += more.images;
  sum.lost += more.lost;
  sum.corrupt += more.corrupt;
}

// What SQLite itself says survives less: without it the model would prove nothing.
Tally control(std::uint64_t seed, const std::string& synchronous, std::uint64_t images) {
  Tally tally;
  for (std::uint64_t i = 0; i < 4 && tally.images < images; ++i)
    Round(seed + i, {8, synchronous}).cut(control_stride, 1, images, Tell::nothing, tally);
  return tally;
}

Outcome run(std::uint64_t seed, std::uint64_t images) {
  Outcome outcome;
  for (std::uint64_t i = 0; outcome.product.images < images; ++i) {
    Round round(seed + i, {checkpoint_pages[(seed + i) % checkpoint_pages.size()]});
    if (i == 0) round.cut_first_start(first_start_stride, Tell::violations, outcome.product);
    round.cut(0, images_a_point, images, Tell::violations, outcome.product);
  }
  const std::uint64_t some = std::clamp<std::uint64_t>(images / 20, 100, 2'000);
  outcome.normal = control(seed, "1", some);
  outcome.off = control(seed, "0", some);
  return outcome;
}

}  // namespace

int main() {
  const std::uint64_t images = number_of("N", 20'000);
  const std::uint64_t seed = number_of("SEED", SystemRandom().number() % 1'000'000);
  std::cout << "power_cuts: seed " << seed << std::endl;
  install_disk_vfs();
  Outcome sum;
  bool is_whole = true;
  for (const auto& part : in_shares<Outcome>([&](std::uint64_t share, std::uint64_t shares) {
         return run(seed + share * 1'000'002, (images + shares - 1) / shares);
       })) {
    is_whole = is_whole && part;
    if (!part) continue;
    add(sum.product, part->product);
    add(sum.normal, part->normal);
    add(sum.off, part->off);
  }
  if (!is_whole) std::cout << "a process ended before its share was done\n";
  const bool bites = sum.normal.lost > 0 && sum.normal.corrupt == 0 && sum.off.corrupt > 0;
  if (!bites) std::cout << "the controls do not fail as they must: NORMAL loses, and never corrupts, OFF corrupts\n";
  const std::uint64_t violations = sum.product.lost + sum.product.corrupt + (is_whole ? 0 : 1) + (bites ? 0 : 1);
  std::cout << "images " << sum.product.images << ", lost " << sum.product.lost << ", corrupt " << sum.product.corrupt
            << ", violations " << violations << "; NORMAL lost " << sum.normal.lost << " of " << sum.normal.images
            << ", OFF corrupted " << sum.off.corrupt << " of " << sum.off.images << std::endl;
  return violations == 0 && sum.product.images > 0 ? 0 : 1;
}

}  // namespace paylink::power

int main() { return paylink::power::main(); }
