#pragma once

#include <stdexcept>

namespace paylink {

// A bug in this program. Caught in exactly two places: the request dispatcher (500 with the trace id) and the worker
// loop (the job is parked); RAII has rolled the transaction back by then.
class BrokenInvariant : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void broken_invariant(const char* condition, const char* file, int line);

// For what can only be false through a bug. Never for input.
#define ENSURE(condition) \
  ((condition) ? static_cast<void>(0) : ::paylink::broken_invariant(#condition, __FILE__, __LINE__))

}  // namespace paylink
