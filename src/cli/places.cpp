#include "cli/places.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace paylink::cli {
namespace {

using Parts = std::vector<std::string>;

constexpr FlagPlace of_create[] = {
    {"/payment_link", "the link (--item or --invoice-id)"},
    {"/payment_link/potential_payment_methods", "--method"},
    {"/payment_link/reusable", "--reusable"},
    {"/payment_link/items", "--item"},
    {"/payment_link/invoice_id", "--invoice-id"},
    {"/payment_link/invoice_number", "--invoice-number"},
    {"/payment_link/debitor_name", "--debitor-name"},
    {"/payment_link/amount", "--amount"},
    {"/payment_link/metadata", "--metadata"},
    {"/payment_link/expiration_date", "--expiration-date"},
};
constexpr FlagPlace of_connect[] = {
    {"/partner_callback_url", "--partner-callback-url"},
    {"/user_bank_account_id", "--bank-account-id"},
    {"/user_phone_number", "--phone-number"},
    {"/user_website_url", "--website-url"},
    {"/business_description", "--business-description"},
};
constexpr FlagPlace of_refund[] = {{"/refund/amount", "--amount"}};
constexpr FlagPlace of_query[] = {
    {"status", "--status"},     {"metadata", "--metadata"}, {"sort_by", "--sort-by"},   {"page", "--page"},
    {"per_page", "--per-page"}, {"amount", "--amount"},     {"currency", "--currency"}, {"locale", "--locale"},
};

// RFC 6901.
std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    text += !escape ? token[i] : token[++i] == '0' ? '~' : '/';
  }
  return text;
}

Parts parts_of(std::string_view pointer) {
  Parts parts;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    parts.push_back(unescaped(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return parts;
}

std::optional<std::size_t> index_of(const std::string& part) {
  std::size_t index = 0;
  const auto read = std::from_chars(part.data(), part.data() + part.size(), index);
  if (read.ec != std::errc() || read.ptr != part.data() + part.size()) return std::nullopt;
  return index;
}

std::string path_of(const Parts& parts) {
  std::string path;
  for (const std::string& part : parts) path += index_of(part) ? "[" + part + "]" : (path.empty() ? "" : ".") + part;
  return path;
}

// `[…]` of a parameter's name, or more of a pointer.
bool is_within(std::string_view place, std::string_view outer) {
  if (!place.starts_with(outer)) return false;
  return place.size() == outer.size() || place[outer.size()] == (outer.starts_with('/') ? '/' : '[');
}

}  // namespace

std::span<const FlagPlace> create_places() { return of_create; }
std::span<const FlagPlace> connect_places() { return of_connect; }
std::span<const FlagPlace> refund_places() { return of_refund; }
std::span<const FlagPlace> query_places() { return of_query; }

std::string words_of_place(std::string_view place, std::span<const FlagPlace> flags) {
  const FlagPlace* found = nullptr;
  for (const FlagPlace& flag : flags)
    if (is_within(place, flag.place) && (found == nullptr || flag.place.size() > found->place.size())) found = &flag;
  if (!place.starts_with('/')) return std::string(found == nullptr ? place : found->flag);
  // Of the request as a whole the flag says nothing about what is inside.
  const bool is_whole = found != nullptr && !found->flag.starts_with('-');
  if (found == nullptr || (is_whole && place != found->place)) return path_of(parts_of(place));
  std::string words(found->flag);
  Parts inside = parts_of(place.substr(found->place.size()));
  if (!inside.empty())
    if (const auto index = index_of(inside.front())) {
      words += " no. " + std::to_string(*index + 1) + (inside.size() > 1 ? "," : "");
      inside.erase(inside.begin());
    }
  // Money is written as one word, or with its currency as another.
  if (!inside.empty() && inside.back() == "value") inside.pop_back();
  return inside.empty() ? words : words + " " + inside.back();
}

}  // namespace paylink::cli
