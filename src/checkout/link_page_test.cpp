#include "checkout/link_page.hpp"

#include <gtest/gtest.h>

#include "checkout/attempt_page.hpp"
#include "checkout/notice_page.hpp"

namespace paylink::checkout {
namespace {

using enum PaymentMethod;

const pages::Language& english() {
  static const auto site = pages::Site::create(pages::Transport::plain);
  return site->language("en");
}

LinkPage page_of(const char* currency) {
  return {.summary = {.merchant = "Atelier",
                      .mode = Mode::live,
                      .amount = *Money::of_minor(1330, *Currency::parse(currency)),
                      .subject = InvoiceView{.number = "F-1", .debitor_name = "Ada"}},
          .form = {.action = "/o?resource_id=r", .token = "t", .methods = {credit_card, ideal}}};
}

bool says(const http::Response& page, std::string_view text) { return page.body.find(text) != std::string::npos; }

TEST(LinkPage, OffersIdealForEuroOnly) {
  const PaymentMethods all{ideal, paypal, credit_card, apple_pay};
  EXPECT_EQ(usable_methods(all, *Currency::parse("EUR")), all);
  EXPECT_EQ(usable_methods(all, *Currency::parse("SEK")), (PaymentMethods{paypal, credit_card, apple_pay}));
  EXPECT_TRUE(says(link_page(english(), page_of("EUR")), "iDEAL | Wero"));
  EXPECT_FALSE(says(link_page(english(), page_of("SEK")), "iDEAL | Wero"));
}

TEST(LinkPage, ChecksTheOnlyMethodBeforehand) {
  EXPECT_FALSE(says(link_page(english(), page_of("EUR")), "checked"));
  EXPECT_TRUE(says(link_page(english(), page_of("SEK")), "value=\"credit_card\" required checked"));
}

TEST(LinkPage, KeepsWhatWasEnteredAndTiesFaultsToFields) {
  auto view = page_of("EUR");
  view.form.email = "ada@";
  view.form.method = ideal;
  view.form.faults = {FormFault::email_invalid};
  const auto page = link_page(english(), view);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(says(page, "value=\"ada@\" aria-describedby=\"email-hint email-fault\""));
  EXPECT_TRUE(says(page, "id=\"email-fault\""));
  EXPECT_TRUE(says(page, "<a href=\"#email\">"));
  EXPECT_TRUE(says(page, "value=\"ideal\" required checked"));
  EXPECT_TRUE(says(page, "<title>Error: Pay €13.30 to Atelier</title>"));
  EXPECT_FALSE(says(page, "method-fault"));
}

TEST(LinkPage, StartsOverOnlyWhenAPaymentWasBegun) {
  auto view = page_of("EUR");
  EXPECT_FALSE(says(link_page(english(), view), "start_over"));
  view.begun = BegunPayment{"https://provider.example/x"};
  const auto page = link_page(english(), view);
  EXPECT_TRUE(says(page, "name=\"start_over\" value=\"1\""));
  EXPECT_TRUE(says(page, "<a class=\"button\" href=\"https://provider.example/x\">"));
}

TEST(NoticePage, HasTheStatusOfItsKind) {
  struct Case {
    const char* name;
    NoticeKind kind;
    int status;
    const char* field;
  };
  constexpr Case cases[] = {
      {"paid", NoticeKind::paid, 200, ""},
      {"expired", NoticeKind::expired, 200, ""},
      {"disconnected", NoticeKind::disconnected, 200, ""},
      {"canceled", NoticeKind::canceled, 200, ""},
      {"processing", NoticeKind::processing, 200, "Refresh: 10; url=?reloads=1"},
      {"unknown", NoticeKind::unknown, 404, ""},
      {"unavailable", NoticeKind::unavailable, 503, "Retry-After: 60"},
      {"busy", NoticeKind::busy, 429, "Retry-After: 60"},
      {"unclear", NoticeKind::unclear, 503, "Refresh: 5; url=?reloads=1"},
      {"form expired", NoticeKind::form_expired, 400, ""},
      {"not from here", NoticeKind::not_from_here, 403, ""},
      {"internal", NoticeKind::internal, 500, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto page = notice_page(english(), {.kind = c.kind, .merchant = "Atelier", .link = "/o?resource_id=r"});
    EXPECT_EQ(page.status, c.status);
    EXPECT_NE(page.fields.find(c.field), std::string::npos);
    EXPECT_EQ(says(page, "This page updates by itself."), std::string_view(c.field).starts_with("Refresh"));
  }
}

// Ten times; then the payer says when.
TEST(Reloads, ComeToAnEnd) {
  const auto notice = [](const Reload& reload) {
    return notice_page(english(), {.kind = NoticeKind::processing, .reload = reload});
  };
  const auto attempt = [](AttemptView view, const Reload& reload) {
    return attempt_page(english(), {.summary = page_of("EUR").summary,
                                    .view = view,
                                    .method = ideal,
                                    .debitor_email = "ada@example.com",
                                    .reference = "1",
                                    .reload = reload});
  };
  const auto refresh_of = [](const http::Response& page) {
    const std::size_t begin = page.fields.find("Refresh: ");
    return begin == std::string::npos ? "" : page.fields.substr(begin, page.fields.find('\r', begin) - begin);
  };
  EXPECT_EQ(refresh_of(notice({"resource_id=r", 0})), "Refresh: 10; url=?resource_id=r&reloads=1");
  EXPECT_EQ(refresh_of(attempt(AttemptView::pending, {"", 3})), "Refresh: 3; url=?reloads=4");
  EXPECT_EQ(refresh_of(attempt(AttemptView::unclear, {"", 9})), "Refresh: 5; url=?reloads=10");
  EXPECT_EQ(refresh_of(attempt(AttemptView::paid, {"", 3})), "");
  const std::string link = ">Check again</a>";
  for (const auto& going :
       {notice({"", 9}), attempt(AttemptView::pending, {"", 9}), attempt(AttemptView::paid, {"", 10})})
    EXPECT_FALSE(says(going, link));
  for (const auto& over :
       {notice({"", 10}), attempt(AttemptView::pending, {"", 10}), attempt(AttemptView::unclear, {"", 10})}) {
    EXPECT_TRUE(says(over, R"(<a class="button" href="?">Check again</a>)"));
    EXPECT_FALSE(says(over, "by itself"));
    EXPECT_EQ(refresh_of(over), "");
  }
  EXPECT_TRUE(says(notice({"resource_id=r", 10}), "href=\"?resource_id=r\""));
}

}  // namespace
}  // namespace paylink::checkout
