#include "base/result.hpp"

namespace paylink {

Failure::Failure(Error error) : error_(std::make_unique<Error>(std::move(error)).release()) {}

Error* Failure::copy(const Error& error) { return std::make_unique<Error>(error).release(); }

void Failure::Delete::operator()(Error* error) const { std::default_delete<Error>()(error); }

Failure fail(ErrorCode code, std::string reason, std::string message, std::string detail) {
  return Failure(Error{code, std::move(reason), std::move(message), std::move(detail), {}});
}

}  // namespace paylink
