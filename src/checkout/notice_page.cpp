#include "checkout/notice_page.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "checkout/mark.hpp"

namespace paylink::checkout {

namespace {

using pages::Language;
using pages::Values;

struct NoticeRow {
  NoticeKind kind;
  int status;
  std::string_view key;  // "<key>.title", "<key>.text", and "<key>.text_to" where the merchant may be named
  Mark mark;
  std::string_view again;  // what the link back is called
};

constexpr NoticeRow notice_rows[] = {
    {NoticeKind::paid, 200, "paid", Mark::good, ""},
    {NoticeKind::expired, 200, "expired", Mark::plain, ""},
    {NoticeKind::canceled, 200, "canceled", Mark::plain, ""},
    {NoticeKind::disconnected, 200, "disconnected", Mark::plain, ""},
    {NoticeKind::processing, 200, "processing", Mark::wait, ""},
    {NoticeKind::unknown, 404, "unknown", Mark::plain, ""},
    {NoticeKind::unavailable, 503, "unavailable", Mark::wait, "notice.again"},
    {NoticeKind::unclear, 503, "unclear", Mark::wait, ""},
    {NoticeKind::busy, 429, "busy", Mark::wait, "notice.again"},
    {NoticeKind::form_expired, 400, "form_expired", Mark::wait, "notice.open"},
    {NoticeKind::not_from_here, 403, "not_from_here", Mark::bad, "notice.open"},
    {NoticeKind::internal, 500, "internal", Mark::bad, ""},
};

const NoticeRow& row_of(NoticeKind kind) { return *std::ranges::find(notice_rows, kind, &NoticeRow::kind); }

}  // namespace

http::Response notice_page(const Language& language, const Notice& notice) {
  const NoticeRow& row = row_of(notice.kind);
  const std::string key(row.key);
  const bool named = !notice.merchant.empty() && language.catalog().has(key + ".text_to");
  Values values;
  values["test"] = notice.mode == Mode::test;
  values["title"] = language.text(key + ".title");
  values["heading"] = language.text(key + ".title");
  values["text"] =
      named ? language.text(key + ".text_to", {{"merchant", notice.merchant}}) : language.text(key + ".text");
  values["mark"] = mark_values(row.mark);
  if (notice.kind == NoticeKind::internal && !notice.trace_id.empty()) values["trace"] = Values("id", notice.trace_id);
  if (!row.again.empty() && !notice.link.empty()) {
    Values again;
    again["url"] = notice.link;
    again["label"] = language.text(row.again);
    values["again"] = std::move(again);
  }
  const bool is_processing = notice.kind == NoticeKind::processing;
  const bool reloads = is_processing || notice.kind == NoticeKind::unclear;
  if (reloads) set_reload(values, notice.reload);
  auto response = language.page(row.status, "checkout/notice", values);
  if (reloads) add_reload(response, notice.reload, is_processing ? 10 : 5);
  if (notice.kind == NoticeKind::unavailable || notice.kind == NoticeKind::busy)
    response.add_field("Retry-After", std::to_string(notice.retry_after_seconds));
  return response;
}

http::Response hand_off_page(const Language& language, const HandOff& hand_off) {
  const auto address = pages::web_address(hand_off.url);
  ENSURE(!address.empty());
  Values values;
  values["test"] = hand_off.mode == Mode::test;
  values["title"] = language.text("hand_off.title", {{"provider", hand_off.provider}});
  values["heading"] = language.text("hand_off.title", {{"provider", hand_off.provider}});
  values["text"] = language.text(
      "hand_off.text", {{"amount", language.formats().money(hand_off.amount)}, {"merchant", hand_off.merchant}});
  values["continue"] = language.text("hand_off.continue", {{"provider", hand_off.provider}});
  values["url"] = address;
  auto response = language.page(200, "checkout/hand_off", values);
  response.add_field("Refresh", "0; url=" + address);
  return response;
}

}  // namespace paylink::checkout
