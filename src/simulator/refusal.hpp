#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace paylink::simulator {

// Mollie's 422: `field` names the part of the body, empty when it is about the whole.
inline Failure unprocessable(std::string field, std::string detail) {
  Failure failure = fail(ErrorCode::unprocessable, "unprocessable", detail);
  failure.error().faults.push_back({"unprocessable", std::move(field), std::move(detail)});
  return failure;
}

}  // namespace paylink::simulator
