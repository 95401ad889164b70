#include "checkout/routes.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <variant>

#include "app/view_link.hpp"
#include "checkout/attempt_page.hpp"
#include "checkout/form_token.hpp"
#include "checkout/link_page.hpp"
#include "checkout/notice_page.hpp"
#include "checkout/submitted_form.hpp"
#include "checkout/summarize.hpp"
#include "domain/email.hpp"
#include "http/response.hpp"

namespace paylink::checkout {
namespace {

using runtime::Access;
using runtime::Input;

Failure no_such_page() { return fail(ErrorCode::not_found, "not_found", "There is no such payment link."); }

std::string address_of(const app::FindLink& find) {
  return "/" + find.organization.text() + "?resource_id=" + find.resource_id.text();
}

const pages::Language& language_of(const Checkout& checkout, const http::Request& request) {
  return checkout.site.language(request.field("Accept-Language").value_or(""));
}

Mode mode_of(const app::LinkView& view) { return view.mode == app::MoneyMode::test ? Mode::test : Mode::live; }

std::optional<NoticeKind> closed(LinkStatus status) {
  switch (status) {
    case LinkStatus::open:
      return std::nullopt;
    case LinkStatus::paid:
      return NoticeKind::paid;
    case LinkStatus::processing:
      return NoticeKind::processing;
    case LinkStatus::canceled:
      return NoticeKind::canceled;
    case LinkStatus::expired:
      return NoticeKind::expired;
  }
  return NoticeKind::internal;
}

struct Submission {
  app::FindLink find;
  SubmittedForm form;
};

Result<app::FindLink> decode_link(const Input& input) {
  const auto organization = OrganizationId::parse(input.path.values[0]);
  const auto query = http::parse_pairs(input.request.query);
  if (!organization || !query) return no_such_page();
  const auto resource = std::ranges::find(*query, "resource_id", &std::pair<std::string, std::string>::first);
  if (resource == query->end()) return no_such_page();
  const auto resource_id = Uuid::parse(resource->second);
  if (!resource_id) return no_such_page();
  return app::FindLink{*organization, *resource_id};
}

Result<app::FindAttempt> decode_attempt(const Input& input) {
  auto word = app::read_attempt_word(input.path.values[0]);
  if (!word) return no_such_page();
  return app::FindAttempt{word->organization, std::move(word->token)};
}

// Whether somebody may have come here with a payment link, if a damaged one: by a browser, with a segment that could be
// (half of) an organization's id, or with a link's query. For `/v2` and `/favicon.ico` no payer is at the other end.
bool is_for_payers(const http::Request& request) {
  constexpr std::size_t id_part_min = 8;  // an id's first group
  if (request.path.starts_with("/a/") || request.query.find("resource_id") != std::string_view::npos) return true;
  if (request.field("Accept").value_or("").find("text/html") != std::string_view::npos) return true;
  const auto segment = request.path.substr(1);
  return segment.size() >= id_part_min && segment.find_first_not_of("0123456789abcdefABCDEF-") == segment.npos;
}

// Where the request went, without what somebody has hung on to it.
std::string address_of(const http::Request& request) {
  std::string address(request.path);
  const auto query = http::parse_pairs(request.query).value_or(http::Pairs());
  const auto resource = std::ranges::find(query, "resource_id", &http::Pairs::value_type::first);
  if (resource != query.end()) address += "?resource_id=" + http::percent_encode(resource->second);
  return address;
}

Reload reload_of(const http::Request& request) {
  Reload reload;
  const auto query = http::parse_pairs(request.query).value_or(http::Pairs());
  for (const auto& [name, value] : query) {
    if (name == "resource_id") reload.query = "resource_id=" + http::percent_encode(value);
    if (name == reload_count_name) std::from_chars(value.data(), value.data() + value.size(), reload.count);
  }
  reload.count = std::clamp(reload.count, 0, reloads_max);
  return reload;
}

Result<Submission> decode_submission(const Input& input) {
  const app::FindLink find = TRY(decode_link(input));
  if (http::is_from_elsewhere(input.request))
    return fail(ErrorCode::forbidden, "not_from_here", "This form was not sent by our page.");
  auto form = TRY(read_submitted_form(input.request.body));
  return Submission{find, std::move(form)};
}

// What a submitted form led to: a payment under way, or the link's page once more.
struct Shown {
  app::LinkView view;
  SubmittedForm form;
};
using Submitted = std::variant<Attempt, Shown>;

// A payment, and whether the provider has just been heard of it.
struct SettledView {
  app::AttemptView view;
  app::Heard heard;
};

class Handlers {
 public:
  explicit Handlers(Checkout checkout) : checkout_(std::move(checkout)) {}

  http::Response show_link(const app::LinkView& view, const http::Request& request, const SubmittedForm& form) const {
    const auto& language = language_of(checkout_, request);
    const app::FindLink find{view.link.organization, view.link.resource_id};
    if (const auto kind = closed(view.link.status))
      return notice_page(
          language, {.kind = *kind, .merchant = view.merchant, .mode = mode_of(view), .reload = reload_of(request)});
    const bool too_late = view.link.expiration_date <= checkout_.clock.now();
    if (too_late && !view.begun) return notice_page(language, {NoticeKind::expired, view.merchant, mode_of(view)});
    // Without a connection nobody knows of which mode it would be.
    if (!view.is_connected && !view.begun)
      return notice_page(language, {NoticeKind::disconnected, view.merchant, Mode::live});
    auto summary = summarize(view.link, view.merchant, mode_of(view), checkout_.compat);
    if (!summary) return show_error(summary.error(), request);
    LinkPage page{.summary = *std::move(summary),
                  .form = {.action = address_of(find),
                           .token = make_form_token(checkout_.keys, find.organization, find.resource_id,
                                                    Uuid::v4(checkout_.random), checkout_.clock.now()),
                           .methods = view.link.methods,
                           .email = form.email,
                           .method = form.method,
                           .faults = form.faults}};
    if (view.begun) page.begun = BegunPayment{view.begun->checkout_url};
    return link_page(language, page);
  }

  Task<Result<Submitted>> submit(Submission submission) {
    const app::FindLink find = submission.find;
    const auto look = [&find](sql::Transaction& tx) { return app::view_link(find, tx); };
    CO_TRY(view, co_await checkout_.lane.read(find.organization, look));
    CO_TRY(nonce, read_form_token(checkout_.keys, find.organization, find.resource_id, submission.form.token,
                                  checkout_.clock.now()));
    SubmittedForm& form = submission.form;
    if (!form.faults.empty()) co_return Submitted(Shown{std::move(view), std::move(form)});
    app::StartPayment command{find.organization, find.resource_id, *form.method, form.email, nonce, form.start_over};
    auto started = co_await checkout_.payments.start(std::move(command));
    if (started) co_return Submitted(*std::move(started));
    const std::string& reason = started.error().reason;
    if (reason != "link_not_open" && reason != "payment_begun" && reason != "merchant_disconnected" &&
        reason != "method_not_offered" && reason != "payment_refused")
      co_return std::move(started).failure();
    if (reason == "method_not_offered" || reason == "payment_refused")
      form.faults.push_back(FormFault::method_unavailable);
    CO_TRY(now, co_await checkout_.lane.read(find.organization, look));
    co_return Submitted(Shown{std::move(now), std::move(form)});
  }

  http::Response show_submitted(const Submitted& submitted, const http::Request& request) const {
    if (const auto* shown = std::get_if<Shown>(&submitted)) return show_link(shown->view, request, shown->form);
    const Attempt& attempt = std::get<Attempt>(submitted);
    const bool at_provider = attempt.state == AttemptState::open && !attempt.checkout_url.empty();
    // Not straight out to the provider: `form-action 'self'` would cut a redirect chain that leaves our origin.
    return http::see_other("/a/" + app::attempt_word(attempt) + (at_provider ? "/go" : ""));
  }

  http::Response show_way(const app::AttemptView& view, const http::Request& request) const {
    const Attempt& attempt = view.attempt;
    const bool payable = view.link.link.status == LinkStatus::open && !attempt.superseded_at;
    if (attempt.state != AttemptState::open || !payable || attempt.checkout_url.empty())
      return http::see_other("/a/" + app::attempt_word(attempt));
    return hand_off_page(language_of(checkout_, request),
                         {attempt.payee, mode_of(view.link), attempt.amount, "Mollie", attempt.checkout_url});
  }

  Task<Result<SettledView>> settle(app::FindAttempt find) {
    CO_TRY(settled, co_await checkout_.payments.settle_by_token(find.organization, find.token));
    const auto look = [&find](sql::Transaction& tx) { return app::view_attempt(find, tx); };
    CO_TRY(view, co_await checkout_.lane.read(find.organization, look));
    co_return SettledView{std::move(view), settled.heard};
  }

  // The e-mail is masked: whoever goes on with a payment that another began is sent here by the provider too.
  http::Response show_attempt(const SettledView& settled, const http::Request& request) const {
    const app::AttemptView& view = settled.view;
    const Attempt& attempt = view.attempt;
    auto summary = summarize(view.link.link, attempt.payee, mode_of(view.link), checkout_.compat);
    if (!summary) return show_error(summary.error(), request);
    const app::FindLink find{attempt.organization, view.link.link.resource_id};
    const bool payable = view.link.link.status == LinkStatus::open;
    return attempt_page(language_of(checkout_, request),
                        {.summary = *std::move(summary),
                         .view = attempt_view(attempt, settled.heard, view.surplus),
                         .method = attempt.method,
                         .debitor_email = masked_email(attempt.debitor_email),
                         .reference = attempt.id.text(),
                         .paid_at = attempt.paid_at,
                         .link = payable ? address_of(find) : std::string(),
                         .continue_url = !payable || attempt.superseded_at ? std::string() : attempt.checkout_url,
                         .reload = reload_of(request)});
  }

  http::Response show_error(const Error& error, const http::Request& request) const {
    const bool is_usual = error.code == ErrorCode::not_found || error.code == ErrorCode::rate_limited;
    if (is_usual && !is_for_payers(request)) return show_error_elsewhere(error, request);
    Notice notice{
        .kind = NoticeKind::internal, .trace_id = std::string(request.trace_id), .reload = reload_of(request)};
    if (error.code == ErrorCode::not_found) notice.kind = NoticeKind::unknown;
    const bool after_start = request.path.starts_with("/a/");
    // Once a payment has been started nobody may be told that nothing was charged.
    if (error.code == ErrorCode::unavailable) notice.kind = after_start ? NoticeKind::unclear : NoticeKind::unavailable;
    if (error.code == ErrorCode::rate_limited) {
      notice.kind = NoticeKind::busy;
      notice.retry_after_seconds = std::max(error.retry_after_seconds, std::int64_t{1});
    }
    if (error.reason == "not_from_here") notice.kind = NoticeKind::not_from_here;
    if (error.reason == "form_expired") notice.kind = NoticeKind::form_expired;
    if (notice.kind != NoticeKind::unknown && notice.kind != NoticeKind::internal &&
        (!after_start || notice.kind == NoticeKind::busy))
      notice.link = address_of(request);
    return notice_page(language_of(checkout_, request), notice);
  }

 private:
  http::Response show_error_elsewhere(const Error& error, const http::Request& request) const {
    if (error.code != ErrorCode::not_found) return checkout_.encode_elsewhere(error, request);
    return checkout_.encode_elsewhere(
        fail(ErrorCode::not_found, "not_found", "There is nothing at this address.").error(), request);
  }

  // What was open when the provider was last heard may have been paid meanwhile: a payer who has paid must not read
  // that he has not, and one who cannot know must not pay again.
  static AttemptView attempt_view(const Attempt& attempt, app::Heard heard, app::Surplus surplus) {
    switch (attempt.state) {
      case AttemptState::open:
        // Even when it is superseded: not every payment can be canceled at the provider.
        return heard == app::Heard::no ? AttemptView::unclear : AttemptView::open;
      case AttemptState::pending:
      case AttemptState::authorized:
        return AttemptView::pending;
      case AttemptState::paid:
        if (surplus == app::Surplus::none) return AttemptView::paid;
        return surplus == app::Surplus::stuck ? AttemptView::stuck : AttemptView::surplus;
      case AttemptState::canceled:
        return AttemptView::canceled;
      case AttemptState::expired:
        return AttemptView::expired;
      case AttemptState::failed:
        return AttemptView::failed;
    }
    return AttemptView::pending;
  }

  Checkout checkout_;
};

}  // namespace

std::vector<runtime::Route> routes(Checkout checkout) {
  const auto handlers = std::make_shared<Handlers>(std::move(checkout));
  runtime::Routes routes(
      [handlers](const Error& error, const http::Request& request) { return handlers->show_error(error, request); });
  routes.read(http::Method::get, "/{organization}", Access::open(), decode_link, app::view_link,
              [handlers](const app::LinkView& view, const http::Request& request) {
                return handlers->show_link(view, request, SubmittedForm{});
              });
  routes.flow(
      http::Method::post, "/{organization}", runtime::Access::open(), decode_submission,
      [handlers](Submission submission) { return handlers->submit(std::move(submission)); },
      [handlers](const Submitted& submitted, const http::Request& request) {
        return handlers->show_submitted(submitted, request);
      });
  routes.read(http::Method::get, "/a/{attempt}/go", Access::open(), decode_attempt, app::view_attempt,
              [handlers](const app::AttemptView& view, const http::Request& request) {
                return handlers->show_way(view, request);
              });
  routes.flow(
      http::Method::get, "/a/{attempt}", runtime::Access::open(), decode_attempt,
      [handlers](app::FindAttempt find) { return handlers->settle(std::move(find)); },
      [handlers](const SettledView& settled, const http::Request& request) {
        return handlers->show_attempt(settled, request);
      });
  return routes.take();
}

}  // namespace paylink::checkout
