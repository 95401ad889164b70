#include "simulator/idempotency.hpp"

namespace paylink::simulator {
namespace {

constexpr auto kept_for = std::chrono::hours(24);
constexpr std::size_t key_bytes_max = 255;

constexpr std::string_view delete_old_answers = "DELETE FROM answers WHERE created_at <= $1";

constexpr std::string_view select_answer =
    "SELECT path, request_body, status, body FROM answers WHERE tenant = $1 AND idempotency_key = $2";

constexpr std::string_view insert_answer = R"sql(
  INSERT INTO answers (tenant, idempotency_key, path, request_body, status, body, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
)sql";

}  // namespace

Result<http::Response> answer_once(Call& call, const std::function<Result<http::Response>()>& answer) {
  const auto key = call.request.field("Idempotency-Key");
  if (!key || key->empty()) return answer();
  if (key->size() > key_bytes_max)
    return fail(ErrorCode::invalid_input, "bad_request", "The Idempotency-Key is longer than 255 characters");

  TRY(call.tx.defer(delete_old_answers, {call.tx.now() - kept_for}));
  const sql::Rows kept = TRY(call.tx.query(select_answer, {call.tenant, *key}));
  if (!kept.empty()) {
    const auto row = kept.front();
    if (row.text(0) != call.request.path || row.text(1) != call.request.body)
      return fail(ErrorCode::invalid_input, "bad_request",
                  "The Idempotency-Key has been used with another endpoint or other parameters");
    http::Response replay{static_cast<int>(row.integer(2)), "application/hal+json", std::string(row.text(3)), {}};
    replay.add_field("Idempotent-Replayed", "true");
    return replay;
  }

  http::Response response = TRY(answer());
  TRY(call.tx.defer(insert_answer, {call.tenant, *key, call.request.path, call.request.body, response.status,
                                    response.body, call.tx.now()}));
  return response;
}

}  // namespace paylink::simulator
