#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace paylink {

// What a caller can do about a failure. One enum for the whole program, so that the edge maps it to HTTP once and
// nobody else ever mentions a status code.
enum class ErrorCode : std::uint8_t {
  invalid_input,
  unprocessable,
  unauthenticated,
  forbidden,
  not_found,
  conflict,
  unsupported_media_type,
  rate_limited,
  unavailable,
  internal,
};

enum class FaultSource : std::uint8_t { body, query };

// One thing wrong with a request. `where` is a JSON pointer into the body (RFC 6901) or the name of a query parameter;
// empty when the fault is about the whole of it.
struct Fault {
  std::string code;  // stable and machine-readable: "missing_field"
  std::string where;
  std::string detail;  // safe to show to the client
  FaultSource source = FaultSource::body;

  bool operator==(const Fault&) const = default;
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string reason;           // stable and machine-readable: "currency_mismatch"
  std::string message;          // safe to show to the API client
  std::string detail{};         // for the log only: SQL text, provider body, errno
  std::vector<Fault> faults{};  // every fault of a body, in document order; empty for errors that are not about input
  std::int64_t retry_after_seconds = 0;  // of `rate_limited`: when it is worth another try; 0 when nobody knows
  std::string scope{};                   // of `forbidden`: the OAuth scope that would be needed, if that is why
};

struct Failure {
  Error error;
};

inline Failure fail(ErrorCode code, std::string reason, std::string message, std::string detail = {}) {
  return {Error{code, std::move(reason), std::move(message), std::move(detail), {}}};
}

// A value or the reason why there is none; the member names are those of std::expected.
template <class T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Failure failure) : error_(std::move(failure.error)) {}

  explicit operator bool() const { return !error_; }
  bool has_value() const { return !error_; }
  void operator*() const {}

  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

// Unwraps a Result, or returns its error from the enclosing function. A GNU statement expression (gcc and clang). Once
// per statement, as the whole right-hand side.
#define TRY(expression)                                                          \
  __extension__({                                                                \
    auto&& try_result_ = (expression);                                           \
    if (!try_result_) return ::paylink::Failure{std::move(try_result_).error()}; \
    *std::move(try_result_);                                                     \
  })

// The twin of TRY inside a coroutine: declares `name` (`co_await` in a statement expression crashes g++ 12).
#define CO_TRY(name, expression)                                                        \
  auto name##_result_ = (expression);                                                   \
  if (!name##_result_) co_return ::paylink::Failure{std::move(name##_result_).error()}; \
  [[maybe_unused]] auto&& name = *name##_result_

// The same for a Result without a value.
#define CO_CHECK(expression)                                                                  \
  do {                                                                                        \
    auto co_check_result_ = (expression);                                                     \
    if (!co_check_result_) co_return ::paylink::Failure{std::move(co_check_result_).error()}; \
  } while (false)

}  // namespace paylink
