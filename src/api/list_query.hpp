#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/metadata.hpp"
#include "domain/money.hpp"
#include "domain/names.hpp"
#include "domain/page.hpp"
#include "http/request.hpp"
#include "json/writer.hpp"

namespace paylink::api {

// The query of a list, or of payment methods (contract 1.4), read parameter by parameter. Whatever is wrong, unknown or
// given twice becomes a fault that names its parameter; `result` has all of them, at most 20.
class ListQuery {
 public:
  explicit ListQuery(std::string_view query);

  // `page`, or `current_page` as some clients say, and `per_page`.
  Page page();
  // `cursor`, which stands instead of a page's number: to be read before it.
  std::optional<std::string> cursor();

  // `status[]`, repeated, numbered (`status[0]`) or separated by commas, or the same as `status`. Empty: not given.
  template <class Enum, std::size_t N>
  std::vector<Enum> statuses(const Names<Enum, N>& names) {
    std::vector<Enum> found;
    forget_numbers("status");
    const std::string_view name = either("status[]", "status");
    for (const std::string& word : take_words(name)) {
      const auto status = names.parse(word);
      if (!status)
        fault("not_in_list", name, "must be one of " + listed(names));
      else if (std::ranges::count(found, *status) == 0)
        found.push_back(*status);
    }
    return found;
  }

  // `metadata[name]=value`, at most `pairs_max` of them.
  Metadata metadata(std::size_t pairs_max);

  // `sort_by`, as `field:asc` or `field:desc`.
  template <class Enum, std::size_t N>
  std::optional<std::pair<Enum, Direction>> sort_by(const Names<Enum, N>& names) {
    const auto text = take_one("sort_by");
    if (!text) return std::nullopt;
    const std::size_t colon = text->find(':');
    const auto field = names.parse(std::string_view(*text).substr(0, colon));
    const auto direction = colon == std::string::npos ? "" : text->substr(colon + 1);
    if (field && direction == "asc") return std::pair(*field, Direction::ascending);
    if (field && direction == "desc") return std::pair(*field, Direction::descending);
    std::string list;
    for (const auto& row : names.rows)
      list += (list.empty() ? "" : ", ") + std::string(row.second) + ":asc, " + std::string(row.second) + ":desc";
    fault("not_in_list", "sort_by", "must be one of " + list);
    return std::nullopt;
  }

  // `amount` and `currency`, which belong together: more than zero, of an active currency.
  std::optional<Money> amount();
  // `locale`, as `nl_NL` or `nl-NL`; answers the former, or "" when there is none.
  std::string locale();

  // After everything has been read: what is left is unknown.
  Result<> result();

 private:
  template <class Enum, std::size_t N>
  static std::string listed(const Names<Enum, N>& names) {
    std::string list;
    for (const auto& row : names.rows) list += (list.empty() ? "" : ", ") + std::string(row.second);
    return list;
  }
  void fault(std::string_view code, std::string_view parameter, const std::string& detail);
  void forget_numbers(std::string_view name);
  std::string_view either(std::string_view name, std::string_view alias);
  std::optional<std::string> take_one(std::string_view name);
  std::vector<std::string> take_words(std::string_view name);
  std::optional<std::int64_t> take_number(std::string_view name, std::int64_t max);

  http::Pairs pairs_;
  std::vector<Fault> faults_;
  bool is_broken_ = false;  // an escape or a name that is none: nothing of it can be trusted
};

// `"meta":{…}` of a list. Whether there is a next page is said by the total, or better known.
void write_meta(json::Writer& json, const Page& page, std::int64_t total, std::optional<bool> has_more = {});
// Of a list by cursor: `next_cursor` (null at the end) and `per_page`.
void write_cursor_meta(json::Writer& json, const std::optional<std::string>& next, std::int64_t per_page);

}  // namespace paylink::api
