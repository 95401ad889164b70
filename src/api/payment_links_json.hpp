#pragma once

#include <string>
#include <string_view>

#include "app/compat.hpp"
#include "app/list_payment_links.hpp"
#include "app/payment_link_command.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "domain/payment_link.hpp"

namespace paylink::api {

// The body of POST /v2/payment_links (contract 1.2). Fails with every fault of the body, at most 20, in the order of
// the schema's fields; rules between fields come last.
Result<app::CreatePaymentLink> decode_create_payment_link(std::string_view body, const app::CompatSettings& compat);

// What a link's JSON needs to know besides the link.
struct LinkContext {
  std::string_view public_url;  // without a slash at the end
  Time now;
};

// The link as an object (contract 1.3), appended.
void append_payment_link(std::string& out, const PaymentLink& link, const LinkContext& context);

// `{"payment_link":{…}}`: the answer to creating one.
std::string created_payment_link_json(const PaymentLink& link, const LinkContext& context);

// A page of links: `{"payment_links":[…],"meta":{…}}`; by cursor `meta` is `next_cursor` and `per_page`.
std::string payment_links_json(const app::ListedLinks& listed, const LinkContext& context);

// The answer to GET and to deactivating, in the shape that was chosen.
std::string single_payment_link_json(const PaymentLink& link, const LinkContext& context, app::SingleLink shape);

}  // namespace paylink::api
