#include "providers/mollie/notifications.hpp"

namespace paylink::providers::mollie {
namespace {

using Word = std::optional<app::AttemptWord>;

Result<Word> decode(const runtime::Input& input) { return app::read_attempt_word(input.path.values[0]); }

struct Acknowledged {};

Task<Result<Acknowledged>> look_again(app::Payments& payments, Word word) {
  if (!word) co_return Acknowledged{};
  auto settled = co_await payments.settle_noticed(word->organization, word->token);
  // What was not stored, and will not be asked for otherwise, is worth another notification.
  if (!settled && settled.error().code != ErrorCode::not_found) co_return std::move(settled).failure();
  co_return Acknowledged{};
}

http::Response acknowledge(const Acknowledged&, const http::Request&) { return {200, "text/plain", "OK\n", {}}; }

}  // namespace

std::vector<runtime::Route> notification_routes(app::Payments& payments, runtime::ErrorEncoder encode_error) {
  runtime::Routes routes(std::move(encode_error));
  routes.flow(
      http::Method::post, "/notifications/mollie/{attempt}", runtime::Access::open(), decode,
      [&payments](Word word) { return look_again(payments, std::move(word)); }, acknowledge);
  return routes.take();
}

}  // namespace paylink::providers::mollie
