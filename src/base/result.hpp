#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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

// An Error on its way to somebody who can do something about it. Kept apart from the values, for a Result is moved and
// destroyed at every step of every request, and hardly ever has one: what that takes is in result.cpp, once.
class Failure {
 public:
  Failure() : Failure(Error{}) {}
  explicit Failure(Error error);
  Failure(const Failure& other) : error_(other.error_ ? copy(*other.error_) : nullptr) {}
  Failure(Failure&& other) noexcept = default;
  Failure& operator=(Failure other) noexcept {
    error_ = std::move(other.error_);
    return *this;
  }
  ~Failure() = default;

  Error& error() { return *error_; }
  const Error& error() const { return *error_; }

 private:
  template <class T>
  friend class Result;

  struct Delete {
    void operator()(Error* error) const;
  };
  struct None {};
  explicit Failure(None) {}

  static Error* copy(const Error& error);

  std::unique_ptr<Error, Delete> error_;  // null: there is none, or it was moved away
};

Failure fail(ErrorCode code, std::string reason, std::string message, std::string detail = {});

// A value or the reason why there is none; the member names are those of std::expected.
template <class T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : value_(std::move(value)), failure_(Failure::None{}) {}
  Result(Failure failure) : failure_(std::move(failure)) {}

  explicit operator bool() const { return value_.has_value(); }
  bool has_value() const { return value_.has_value(); }

  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

  Error& error() & { return failure_.error(); }
  const Error& error() const& { return failure_.error(); }
  Error&& error() && { return std::move(failure_.error()); }
  Failure&& failure() && { return std::move(failure_); }

 private:
  std::optional<T> value_;
  Failure failure_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() : failure_(Failure::None{}) {}
  Result(Failure failure) : failure_(std::move(failure)), failed_(true) {}

  explicit operator bool() const { return !failed_; }
  bool has_value() const { return !failed_; }
  void operator*() const {}

  Error& error() & { return failure_.error(); }
  const Error& error() const& { return failure_.error(); }
  Error&& error() && { return std::move(failure_.error()); }
  Failure&& failure() && { return std::move(failure_); }

 private:
  Failure failure_;
  bool failed_ = false;  // of its own: a failure that was moved away is none no more
};

// Unwraps a Result, or returns its error from the enclosing function. A GNU statement expression (gcc and clang). Once
// per statement, as the whole right-hand side.
#define TRY(expression)                                        \
  __extension__({                                              \
    auto&& try_result_ = (expression);                         \
    if (!try_result_) return std::move(try_result_).failure(); \
    *std::move(try_result_);                                   \
  })

// The twin of TRY inside a coroutine: declares `name` (`co_await` in a statement expression crashes g++ 12).
#define CO_TRY(name, expression)                                      \
  auto name##_result_ = (expression);                                 \
  if (!name##_result_) co_return std::move(name##_result_).failure(); \
  [[maybe_unused]] auto&& name = *name##_result_

// The same for a Result without a value.
#define CO_CHECK(expression)                                                \
  do {                                                                      \
    auto co_check_result_ = (expression);                                   \
    if (!co_check_result_) co_return std::move(co_check_result_).failure(); \
  } while (false)

}  // namespace paylink
