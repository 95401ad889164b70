#pragma once

#include <memory>
#include <string>
#include <vector>

#include "look.hpp"

namespace paylink::power {

struct Tally {
  std::uint64_t images = 0;
  std::uint64_t lost = 0;     // an acknowledged row is not there
  std::uint64_t corrupt = 0;  // it does not open, its structure is broken, or it holds what never was
};

enum class Tell : std::uint8_t { nothing, violations };  // on stderr

// Lives of the program on one disk, recorded, and what power cuts would have left of them.
class Round {
 public:
  // Runs every flow, in an order of its own, in two lives, the first on a new database.
  Round(std::uint64_t seed, Pragmas pragmas);

  // Cuts the power at every `stride`th operation, `images` times each, until there are `images_max`. A stride of 0
  // spreads so many over all there are.
  void cut(std::size_t stride, int images, std::uint64_t images_max, Tell tell, Tally& tally);
  // The same while the database was made: then nothing was acknowledged, but it must open.
  void cut_first_start(std::size_t stride, Tell tell, Tally& tally);

 private:
  struct Acknowledgement {
    std::size_t position;  // in the log: it was given before the next operation
    std::uint64_t bytes = 0;
    std::uint64_t rows = 0;
  };

  void record();
  void live(std::span<const Flow* const> flows);
  void expect();
  void judge(std::size_t position, Files image, Tell tell, Tally& tally);
  bool goes_on();
  void tell(Tell tell, std::size_t position, const std::string& what);

  const std::uint64_t seed_;
  Chance chance_;
  World world_;
  std::shared_ptr<Disk> disk_;
  int told_ = 0;
  std::size_t begin_ = 0;                      // of what is cut: the database is laid out
  std::vector<Acknowledgement> acknowledged_;  // in their order, the first of them the layout's
};

}  // namespace paylink::power
