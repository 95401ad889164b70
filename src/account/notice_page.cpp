#include "account/notice_page.hpp"

#include <algorithm>

#include "session/sign_in_way.hpp"

namespace paylink::account {
namespace {

struct NoticeRow {
  NoticeKind kind;
  int status;
  std::string_view title, text, again;  // keys
  bool says_when;
};

constexpr NoticeRow notice_rows[] = {
    {NoticeKind::too_many_attempts, 429, "attempts.title", "attempts.text", "notice.again", true},
    {NoticeKind::busy, 429, "busy.title", "busy.text", "notice.again", true},
    {NoticeKind::form_expired, 403, "account_expired.title", "account_expired.text", "account.open", false},
    {NoticeKind::not_from_here, 403, "account_elsewhere.title", "account_elsewhere.text", "account.open", false},
    {NoticeKind::unavailable, 503, "unavailable.title", "account_unavailable.text", "notice.again", true},
    {NoticeKind::internal, 500, "internal.title", "account_internal.text", "account.open", false},
};

}  // namespace

http::Response notice_page(const pages::Language& language, const Notice& notice) {
  const NoticeRow& row = *std::ranges::find(notice_rows, notice.kind, &NoticeRow::kind);
  const std::int64_t seconds = std::max<std::int64_t>(notice.retry_after_seconds, 1);
  pages::Values values;
  values["title"] = language.text(row.title);
  values["text"] = notice.kind == NoticeKind::too_many_attempts
                       ? language.text(row.text, {{"minutes", (seconds + 59) / 60}})
                       : language.text(row.text);
  if (notice.kind == NoticeKind::internal && !notice.trace_id.empty())
    values["trace"] = pages::Values("id", notice.trace_id);
  values["url"] = std::string(session::account_path);
  values["again"] = language.text(row.again);
  auto response = language.page(row.status, "account/notice", values);
  if (row.says_when) response.add_field("Retry-After", std::to_string(seconds));
  return response;
}

}  // namespace paylink::account
