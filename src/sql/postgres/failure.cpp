#include "sql/postgres/failure.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view contended = "contended";

Failure unavailable(std::string_view reason, std::string detail) {
  return fail(ErrorCode::unavailable, std::string(reason), "The storage is not available now. Try again later.",
              std::move(detail));
}

}  // namespace

Failure failure_of(std::string_view sqlstate, std::string detail) {
  const std::string_view kind = sqlstate.substr(0, 2);
  if (sqlstate == "23505")
    return fail(ErrorCode::conflict, "already_exists", "This exists already.", std::move(detail));
  // Serialization failure, deadlock, a lock that somebody else held for too long.
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03")
    return unavailable(contended, std::move(detail));
  if (sqlstate == "53100")
    return fail(ErrorCode::unavailable, "storage_full", "There is no room to store this now. Try again later.",
                std::move(detail));
  // No resources, an operator or a timeout stepped in, the connection broke, a server that only reads.
  if (kind == "53" || kind == "57" || kind == "08" || sqlstate == "25006")
    return unavailable("storage_unavailable", std::move(detail));
  if (kind == "23")
    return fail(ErrorCode::internal, "constraint", "Something went wrong on our side.", std::move(detail));
  return fail(ErrorCode::internal, "storage_error", "Something went wrong on our side.", std::move(detail));
}

Failure connection_lost(std::string detail) { return unavailable("storage_unavailable", std::move(detail)); }

bool is_contended(const Error& error) { return error.reason == contended; }

}  // namespace paylink::sql::postgres
