#include "sql/sums.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

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
  std::map<Uuid, std::vector<Sum>> owners;
  for (const Sum& sum : added_) owners[sum.owner].push_back(sum);
  std::vector<std::vector<Sum>> sums;
  for (auto& [owner, of_one] : owners) sums.push_back(std::move(of_one));
  return sums;
}

}  // namespace paylink::sql
