#include "checkout/attempt_page.hpp"

#include <algorithm>

#include "checkout/mark.hpp"

namespace paylink::checkout {

namespace {

using pages::Language;
using pages::Values;

struct ViewRow {
  AttemptView view;
  std::string_view title;
  std::string_view text;
  Mark mark;
};

constexpr ViewRow view_rows[] = {
    {AttemptView::paid, "receipt.title", "receipt.text", Mark::good},
    {AttemptView::pending, "attempt.pending_title", "attempt.pending_text", Mark::wait},
    {AttemptView::open, "attempt.open_title", "attempt.open_text", Mark::wait},
    {AttemptView::failed, "attempt.failed_title", "attempt.failed_text", Mark::bad},
    {AttemptView::canceled, "attempt.canceled_title", "attempt.canceled_text", Mark::plain},
    {AttemptView::expired, "attempt.expired_title", "attempt.expired_text", Mark::plain},
    {AttemptView::surplus, "attempt.surplus_title", "attempt.surplus_text", Mark::wait},
    {AttemptView::stuck, "attempt.stuck_title", "attempt.stuck_text", Mark::wait},
    {AttemptView::unclear, "unclear.title", "unclear.text", Mark::wait},
};

const ViewRow& row_of(AttemptView view) { return *std::ranges::find(view_rows, view, &ViewRow::view); }

bool may_try_again(const AttemptPage& page) {
  const AttemptView view = page.view;
  return view == AttemptView::failed || view == AttemptView::canceled || view == AttemptView::expired ||
         (view == AttemptView::open && page.continue_url.empty());
}

// The one thing to do next, if there is any.
void set_action(Values& values, const Language& language, const AttemptPage& page) {
  const bool again = may_try_again(page);
  const bool onward = page.view == AttemptView::open || page.view == AttemptView::unclear;
  const std::string url = again ? page.link : onward ? pages::web_address(page.continue_url) : std::string{};
  if (url.empty()) return;
  Values action;
  action["url"] = url;
  action["label"] = language.text(again ? "attempt.again" : "attempt.continue");
  values["action"] = std::move(action);
}

void set_details(Values& values, const Language& language, const AttemptPage& page) {
  const bool receipt = page.view == AttemptView::paid;
  values["details"] = true;
  values["details_title"] = language.text(receipt ? "receipt.details" : "attempt.details");
  values["payee"] = language.text(receipt ? "receipt.payee" : "summary.payee");
  values["method"] = method_text(language, page.method);
  values["email"] = page.debitor_email;
  values["reference"] = page.reference;
  values["receipt"] = receipt;
  if (page.paid_at) {
    Values time;
    time["machine"] = to_rfc3339(*page.paid_at);
    time["text"] = language.formats().moment(*page.paid_at);
    values["paid_at"] = std::move(time);
  }
}

}  // namespace

http::Response attempt_page(const Language& language, const AttemptPage& page) {
  const ViewRow& row = row_of(page.view);
  Values values = summary_values(language, page.summary);
  values["title"] = language.text(row.title);
  values["heading"] = language.text(row.title);
  values["text"] = language.text(
      row.text, {{"amount", language.formats().money(page.summary.amount)}, {"merchant", page.summary.merchant}});
  values["mark"] = mark_values(row.mark);
  set_action(values, language, page);
  set_details(values, language, page);
  const bool is_pending = page.view == AttemptView::pending;
  const bool reloads = is_pending || page.view == AttemptView::unclear;
  if (reloads) set_reload(values, page.reload);
  auto response = language.page(200, "checkout/attempt", values);
  if (reloads) add_reload(response, page.reload, is_pending ? 3 : 5);
  return response;
}

}  // namespace paylink::checkout
