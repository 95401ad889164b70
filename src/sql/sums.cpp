#include "sql/sums.hpp"

#include <algorithm>
#include <tuple>

namespace paylink::sql {
namespace {

auto count_of(const Sum& sum) { return std::tie(sum.owner, sum.name, sum.statement); }

}  // namespace

std::vector<Sum> Sums::totals() const {
  std::vector<Sum> sums = added_;
  std::ranges::sort(sums, {}, count_of);
  std::size_t last = 0;
  for (std::size_t i = 1; i < sums.size(); ++i) {
    if (count_of(sums[i]) == count_of(sums[last]))
      sums[last].amount += sums[i].amount;
    else
      sums[++last] = sums[i];
  }
  if (!sums.empty()) sums.resize(last + 1);
  return sums;
}

std::vector<std::vector<Sum>> Sums::by_owner() const {
  std::vector<Sum> sums = added_;
  std::ranges::stable_sort(sums, {}, &Sum::owner);
  std::vector<std::vector<Sum>> owners;
  for (const Sum& sum : sums) {
    if (owners.empty() || owners.back().front().owner != sum.owner) owners.emplace_back();
    owners.back().push_back(sum);
  }
  return owners;
}

}  // namespace paylink::sql
