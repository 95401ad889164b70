#pragma once

#include <span>
#include <string>
#include <string_view>

namespace paylink::cli {

// Which flag writes a place of a request: a JSON pointer, with all that is inside, or the name of a parameter.
struct FlagPlace {
  std::string_view place;
  std::string_view flag;
};

std::span<const FlagPlace> create_places();
std::span<const FlagPlace> connect_places();
std::span<const FlagPlace> refund_places();
std::span<const FlagPlace> query_places();

// What the server calls `place` in the words of whoever typed flags: `--item no. 1, vat_rate`. What no flag writes is a
// path that can be read: `payment_link.items[0].vat_rate`.
std::string words_of_place(std::string_view place, std::span<const FlagPlace> flags);

}  // namespace paylink::cli
