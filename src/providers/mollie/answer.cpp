#include "providers/mollie/answer.hpp"

#include "base/utf8.hpp"

namespace paylink::providers::mollie {

Failure nonsense(const std::string& detail) {
  return fail(ErrorCode::internal, "provider_answer", "The payment provider's answer makes no sense.", as_text(detail));
}

}  // namespace paylink::providers::mollie
