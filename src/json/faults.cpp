#include "json/faults.hpp"

#include <utility>

namespace paylink::json {

void Faults::add(std::string_view code, std::string where, std::string detail, FaultSource source) {
  if (full()) return;
  faults_.push_back(
      {.code = std::string(code), .where = std::move(where), .detail = std::move(detail), .source = source});
}

Result<> Faults::result() const {
  if (none()) return {};
  Failure failure = fail(ErrorCode::invalid_input, faults_.front().code, faults_.front().detail);
  failure.error().faults = faults_;
  return failure;
}

}  // namespace paylink::json
