#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace paylink::json {

// What a decoder finds wrong with a request: the first 20 faults, in the order they are reported, which is the order of
// the schema's fields.
class Faults {
 public:
  static constexpr std::size_t max = 20;

  void add(std::string_view code, std::string where, std::string detail, FaultSource source = FaultSource::body);

  bool none() const { return faults_.empty(); }
  bool full() const { return faults_.size() >= max; }

  // Fails with `invalid_input`, all the faults, and the first one's code and detail as reason and message.
  Result<> result() const;

 private:
  std::vector<Fault> faults_;
};

}  // namespace paylink::json
