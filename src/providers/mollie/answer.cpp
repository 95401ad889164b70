#include "providers/mollie/answer.hpp"

#include "base/utf8.hpp"

namespace paylink::providers::mollie {

Failure nonsense(const std::string& detail) {
  return fail(ErrorCode::internal, "provider_answer", "The payment provider's answer makes no sense.", as_text(detail));
}

std::optional<json::Value> member(json::Value object, std::string_view key, json::Type type) {
  if (object.type() != json::Type::object) return std::nullopt;
  const auto found = object.find(key);
  return found && found->type() == type ? found : std::nullopt;
}

}  // namespace paylink::providers::mollie
