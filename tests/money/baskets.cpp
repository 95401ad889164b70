// What baskets come to, against exact rationals (quality: F9): at the edges, and at random. README.md says which.
//
//   baskets [--random N] [--seed N]
//
// The last line of the output is `baskets N, edges N, control N, violations N`: the control rounds a half to the even
// neighbour, and must come to something else in so many. Exits 1 when one is off, or the control never is.

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <thread>

#include "domain/testing.hpp"
#include "support/options.hpp"

namespace paylink::testing {
namespace {

constexpr std::uint64_t told_max = 5;

struct Options {
  std::uint64_t random = 300'000;
  std::uint64_t seed = 1;
};

class Judge {
 public:
  void look_at(std::span<const Item> items) {
    for (const VatRounding rounding : {VatRounding::line, VatRounding::rate}) look_at(items, rounding);
  }
  void look_at(std::span<const Item> items, VatRounding rounding) {
    const auto table = vat_table_of(items, rounding);
    const std::string got = told(table), right = expected(items, rounding);
    const bool adds_up = !table || sums_of(*table);
    if ((got != right || !adds_up) && ++violations_ <= told_max)
      std::printf("VIOLATION F9: %s is off, it is %s\n", got.c_str(), right.c_str());
    // Rounding otherwise is another rule: in some it has to be seen.
    if (seen_++ % 16 == 0 && expected(items, rounding, Halves::even) != right) ++control_;
  }

  std::uint64_t seen() const { return seen_; }
  std::uint64_t control() const { return control_; }
  std::uint64_t violations() const { return violations_; }

 private:
  static bool sums_of(const VatTable& table) {
    std::int64_t sum = 0;
    for (const VatRow& row : table.rows) {
      if (row.net.minor_units() + row.vat.minor_units() != row.gross.minor_units()) return false;
      sum += row.gross.minor_units();
    }
    return sum == table.total.minor_units();
  }

  std::atomic<std::uint64_t> seen_{0}, control_{0}, violations_{0};
};

constexpr std::int64_t rates[] = {0, 21'000, 55'000, 60'000, 90'000, 100'000, 190'000, 200'000, 210'000, 255'000};
constexpr std::int64_t quantities[] = {Quantity::one, 3 * Quantity::one, 333'000, 1, 1'000'000 * Quantity::one};

void look_at_prices(Judge& judge) {
  for (std::int64_t price = 0; price <= 99'99; ++price)
    for (const std::int64_t rate : rates)
      for (const std::int64_t quantity : quantities) judge.look_at(std::array{item_of(price, quantity, rate)});
}

// Of the least and the most there can be: each alone, and with each seventh one as a second line or as its discount.
void look_at_limits(Judge& judge) {
  constexpr std::int64_t prices[] = {1, 5, 50, amount_minor_max / 2, amount_minor_max - 1, amount_minor_max};
  constexpr std::int64_t some_rates[] = {0, 1, 55'000, 210'000, 999'999, 1'000'000};
  constexpr std::int64_t some_quantities[] = {1, 499'999, 500'000, Quantity::one, Quantity::max - 1, Quantity::max};
  std::vector<Item> lines;
  for (const std::int64_t price : prices)
    for (const std::int64_t rate : some_rates)
      for (const std::int64_t quantity : some_quantities) {
        lines.push_back(item_of(price, quantity, rate));
        lines.push_back(item_of(-price, quantity, rate));
      }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    judge.look_at(std::span(&lines[i], 1));
    for (std::size_t j = i % 7; j < lines.size(); j += 7) judge.look_at(std::array{lines[i], lines[j]});
  }
}

void look_at_random(const Options& options, std::uint64_t part, std::uint64_t parts, Judge& judge) {
  Baskets baskets{std::mt19937_64(options.seed * parts + part)};
  for (std::uint64_t i = part; i < options.random; i += parts)
    judge.look_at(baskets.next(), i / parts % 2 == 0 ? VatRounding::line : VatRounding::rate);
}

int run(const Options& options) {
  Judge edges, random;
  std::thread other([&] {
    look_at_limits(edges);
    look_at_random(options, 1, 2, random);
  });
  look_at_prices(edges);
  look_at_random(options, 0, 2, random);
  other.join();
  const std::uint64_t control = edges.control() + random.control();
  const std::uint64_t violations = edges.violations() + random.violations() + (control == 0 ? 1 : 0);
  std::printf("baskets %llu, edges %llu, control %llu, violations %llu\n",
              static_cast<unsigned long long>(random.seen()), static_cast<unsigned long long>(edges.seen()),
              static_cast<unsigned long long>(control), static_cast<unsigned long long>(violations));
  return violations == 0 ? 0 : 1;
}

bool read(Options& options, int argc, char** argv) {
  ProgramOptions all("baskets [--random N] [--seed N]");
  return all.number("--random", options.random).number("--seed", options.seed).read(argc, argv);
}

}  // namespace
}  // namespace paylink::testing

int main(int argc, char** argv) {
  paylink::testing::Options options;
  if (!paylink::testing::read(options, argc, argv)) return 2;
  return paylink::testing::run(options);
}
