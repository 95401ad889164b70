#include "golden/storybook.hpp"

#include "checkout/attempt_page.hpp"
#include "checkout/link_page.hpp"
#include "checkout/notice_page.hpp"
#include "golden/account_stories.hpp"
#include "golden/oauth_stories.hpp"
#include "golden/onboarding_stories.hpp"
#include "simulator/connect_page.hpp"
#include "simulator/payer_page.hpp"

namespace paylink::golden {

namespace {

using namespace checkout;
using pages::Language;

constexpr auto link_path = "/0193a4b2-7c1e-7a60-9d1f-5e2a8c4b6d10?resource_id=6f1d2c3b-4a59-4e87-9a0b-1c2d3e4f5a6b";
constexpr auto provider_page = "https://provider.example/checkout/tr_WDqYK6vllg?locale=en&token=a1b2";

Currency currency(std::string_view code) { return *Currency::parse(code); }
Money money(std::string_view value, std::string_view code = "EUR") {
  return *Money::parse_decimal(value, currency(code));
}

Item item(std::string title, std::string_view quantity, std::string_view price, std::string_view rate,
          std::string_view code = "EUR") {
  return {.title = std::move(title),
          .type = std::nullopt,
          .description = std::nullopt,
          .quantity = *Quantity::parse(quantity),
          .measure_unit = std::nullopt,
          .unit_price = *SignedMoney::parse_decimal(price, currency(code)),
          .vat_rate = *VatRate::parse(rate)};
}

Summary summary_of(std::vector<Item> items, Mode mode = Mode::live) {
  auto table = *vat_table_of(items, VatRounding::line);
  const Money total = table.total;
  return {.merchant = "Atelier Lumière",
          .mode = mode,
          .amount = total,
          .subject = BasketView{std::move(items), std::move(table)}};
}

Summary basket() {
  auto coffee = item("Coffee beans, Ethiopia", "1.5", "24.00", "5.5");
  coffee.measure_unit = "kg";
  coffee.description = "Washed, light roast\nFrom the highlands of\tYirgacheffe";
  return summary_of(
      {coffee, item("Grinder cleaning", "1", "39.90", "20"), item("Welcome discount", "1", "-5.00", "20")}, Mode::test);
}

Summary seed_example() { return summary_of({item("T-Shirt", "1", "10.99", "21.0")}); }

Summary long_basket() {
  std::vector<Item> items;
  for (int line = 1; line <= 12; ++line)
    items.push_back(
        item("Position " + std::to_string(line) + " of a larger order", "12000", "73.99", line % 2 ? "5.5" : "20"));
  return summary_of(std::move(items));
}

Summary invoice() {
  return {.merchant = "Atelier Lumière",
          .mode = Mode::live,
          .amount = money("1250.00"),
          .subject = InvoiceView{.number = "F-2026-0042", .debitor_name = "Maison Bernard SARL"}};
}

Summary hostile_summary() {
  auto line = item(hostile, "1", "10.99", "21.0");
  line.description = hostile;
  line.measure_unit = hostile;
  auto summary = summary_of({line});
  summary.merchant = hostile;
  return summary;
}

PayForm form() {
  return {
      .action = link_path,
      .token = "v1.1764000000.Zm9ybS1ub25jZQ.c2lnbmF0dXJl",
      .methods = {PaymentMethod::credit_card, PaymentMethod::apple_pay, PaymentMethod::paypal, PaymentMethod::ideal}};
}

void add_link_pages(std::vector<Story>& stories, const Language& language) {
  stories.push_back({"link_one_item", link_page(language, {seed_example(), form()})});
  stories.push_back({"link_basket_test_mode", link_page(language, {basket(), form()})});
  stories.push_back({"link_long_basket", link_page(language, {long_basket(), form()})});
  stories.push_back({"link_invoice", link_page(language, {invoice(), form()})});
  stories.push_back({"link_begun", link_page(language, {basket(), form(), BegunPayment{provider_page}})});
  stories.push_back({"link_begun_page_gone", link_page(language, {basket(), form(), BegunPayment{}})});

  auto yen = form();
  yen.methods = {PaymentMethod::credit_card, PaymentMethod::ideal};
  stories.push_back(
      {"link_yen_one_method", link_page(language, {summary_of({item("絵葉書", "1", "100", "0", "JPY")}), yen})});
  yen.methods = {PaymentMethod::ideal};
  stories.push_back(
      {"link_no_method", link_page(language, {summary_of({item("絵葉書", "1", "100", "0", "JPY")}), yen})});

  auto empty = form();
  empty.faults = {FormFault::email_missing, FormFault::method_missing};
  stories.push_back({"link_faults_empty", link_page(language, {seed_example(), empty})});
  auto wrong = form();
  wrong.email = "ada@";
  wrong.method = PaymentMethod::paypal;
  wrong.faults = {FormFault::email_invalid};
  stories.push_back({"link_faults_email", link_page(language, {seed_example(), wrong})});

  auto nasty = form();
  nasty.email = hostile;
  nasty.token = hostile;
  nasty.action = hostile;
  nasty.faults = {FormFault::email_invalid};
  stories.push_back(
      {"link_hostile", link_page(language, {hostile_summary(), nasty, BegunPayment{"javascript:alert(3)"}})});
}

void add_notices(std::vector<Story>& stories, const Language& language) {
  const std::pair<const char*, NoticeKind> kinds[] = {
      {"paid", NoticeKind::paid},
      {"expired", NoticeKind::expired},
      {"disconnected", NoticeKind::disconnected},
      {"canceled", NoticeKind::canceled},
      {"processing", NoticeKind::processing},
      {"unavailable", NoticeKind::unavailable},
      {"busy", NoticeKind::busy},
      {"unclear", NoticeKind::unclear},
      {"form_expired", NoticeKind::form_expired},
      {"not_from_here", NoticeKind::not_from_here},
  };
  for (const auto& [name, kind] : kinds)
    stories.push_back({std::string("notice_") + name,
                       notice_page(language, {.kind = kind, .merchant = "Atelier Lumière", .link = link_path})});
  stories.push_back({"notice_processing_at_rest",
                     notice_page(language, {.kind = NoticeKind::processing, .reload = {"resource_id=r", 10}})});
  stories.push_back(
      {"notice_unknown", notice_page(language, {.kind = NoticeKind::unknown, .trace_id = "not to be shown"})});
  stories.push_back({"notice_hostile", notice_page(language, {.kind = NoticeKind::paid, .merchant = hostile})});
  stories.push_back({"notice_internal", notice_page(language, {.kind = NoticeKind::internal,
                                                               .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"})});
  stories.push_back({"hand_off", hand_off_page(language, {.merchant = "Atelier Lumière",
                                                          .mode = Mode::test,
                                                          .amount = money("13.30"),
                                                          .provider = "Mollie",
                                                          .url = provider_page})});
}

void add_attempts(std::vector<Story>& stories, const Language& language) {
  const std::pair<const char*, AttemptView> views[] = {
      {"paid", AttemptView::paid},       {"pending", AttemptView::pending},   {"open", AttemptView::open},
      {"failed", AttemptView::failed},   {"canceled", AttemptView::canceled}, {"expired", AttemptView::expired},
      {"surplus", AttemptView::surplus}, {"stuck", AttemptView::stuck},       {"unclear", AttemptView::unclear},
  };
  for (const auto& [name, view] : views) {
    AttemptPage page{.summary = basket(),
                     .view = view,
                     .method = PaymentMethod::ideal,
                     .debitor_email = "ada@example.com",
                     .reference = "0193a4b2-7c1e-7a60-9d1f-5e2a8c4b6d99",
                     .link = link_path,
                     .continue_url = provider_page};
    if (view == AttemptView::paid || view == AttemptView::surplus || view == AttemptView::stuck)
      page.paid_at = parse_rfc3339("2026-01-15T14:05:59Z");
    stories.push_back({std::string("attempt_") + name, attempt_page(language, page)});
  }
  stories.push_back(
      {"attempt_unclear_at_rest", attempt_page(language, {.summary = basket(),
                                                          .view = AttemptView::unclear,
                                                          .method = PaymentMethod::ideal,
                                                          .debitor_email = "ada@example.com",
                                                          .reference = "0193a4b2-7c1e-7a60-9d1f-5e2a8c4b6d99",
                                                          .continue_url = provider_page,
                                                          .reload = {"", 10}})});
  // Somebody has started over.
  stories.push_back({"attempt_open_left", attempt_page(language, {.summary = basket(),
                                                                  .view = AttemptView::open,
                                                                  .method = PaymentMethod::ideal,
                                                                  .debitor_email = "ada@example.com",
                                                                  .reference = "0193a4b2-7c1e-7a60-9d1f-5e2a8c4b6d99",
                                                                  .link = link_path})});
  stories.push_back(
      {"attempt_paid_invoice", attempt_page(language, {.summary = invoice(),
                                                       .view = AttemptView::paid,
                                                       .method = PaymentMethod::credit_card,
                                                       .debitor_email = "billing@example.com",
                                                       .reference = "0193a4b2-7c1e-7a60-9d1f-5e2a8c4b6d99",
                                                       .paid_at = parse_rfc3339("2026-01-15T14:05:59Z")})});
  stories.push_back({"attempt_hostile", attempt_page(language, {.summary = hostile_summary(),
                                                                .view = AttemptView::paid,
                                                                .method = PaymentMethod::paypal,
                                                                .debitor_email = hostile,
                                                                .reference = hostile})});
}

void add_simulator(std::vector<Story>& stories, const Language& language) {
  using namespace simulator;
  const PayerView payment{"Coffee beans and 2 more", "13.30", "EUR", "creditcard", "Test shop 4f2a"};
  const auto page = [&payment](const std::string& method) {
    PayerPage result{payment, "/checkout/tr_WDqYK6vllg"};
    result.payment.method = method;
    return result;
  };
  const PayerPage hostile_page{{hostile, "100", "JPY", hostile, hostile}, hostile};
  CardForm faulty;
  faulty.holder = hostile;
  faulty.faults = {CardFault::number_not_test, CardFault::expiry_past, CardFault::cvc_invalid_amex};
  CardForm empty;
  empty.faults = {CardFault::number_missing, CardFault::expiry_invalid, CardFault::cvc_invalid,
                  CardFault::holder_invalid};
  stories.push_back({"simulator_selection", selection_page(language, page(""), {"creditcard", "paypal", "ideal"})});
  stories.push_back({"simulator_card", card_page(language, page("creditcard"), {})});
  stories.push_back({"simulator_card_faults", card_page(language, page("creditcard"), empty)});
  stories.push_back({"simulator_card_hostile", card_page(language, hostile_page, faulty)});
  stories.push_back({"simulator_challenge", challenge_page(language, page("creditcard"), test_cards[1])});
  stories.push_back({"simulator_challenge_hostile", challenge_page(language, hostile_page, test_cards[1])});
  stories.push_back({"simulator_apple_pay", apple_pay_page(language, page("applepay"))});
  stories.push_back({"simulator_paypal", paypal_page(language, page("paypal"))});
  stories.push_back({"simulator_banks", banks_page(language, page("ideal"))});
  stories.push_back({"simulator_bank", bank_page(language, page("ideal"), test_banks[0])});
  stories.push_back({"simulator_pending", pending_page(language, page("ideal"), "https://pay.example/a/x")});
  stories.push_back({"simulator_test_cards", test_cards_page(language)});
  stories.push_back({"simulator_finished",
                     finished_page(language, {payment, "paid", "https://pay.example/a/x", ""}, Return::by_link)});
  stories.push_back(
      {"simulator_returning",
       finished_page(language, {payment, "failed", "https://pay.example/a/x", "card_declined"}, Return::at_once)});
  stories.push_back({"simulator_state", state_page(language, {payment, Offered::yes, Offered::yes},
                                                   "/change-payment-state/tr_WDqYK6vllg")});
  stories.push_back({"simulator_unknown", unknown_payment_page(language)});
  const AuthorizeView asked{"app_Wn4kTz7pQe2vLs9d", "https://pay.example/connect/mollie/return", "c3RhdGU",
                            "payments.read payments.write", "Test company"};
  stories.push_back({"simulator_authorize", authorize_page(language, asked)});
  stories.push_back({"simulator_authorize_hostile",
                     authorize_page(language, {hostile, "https://pay.example/", hostile, hostile, hostile})});
  stories.push_back({"simulator_bad_request", bad_request_page(language, "The client_id is unknown")});
  const Organization organization{"org_1", "Test company", "in-review", {}};
  const std::vector<Profile> profiles{{"pfl_1", "org_1", "Test company", "test_abcdefghijklmnop", "t", {}}};
  stories.push_back({"simulator_organization", organization_page(language, organization, profiles)});
  stories.push_back(
      {"simulator_organization_hostile", organization_page(language, {hostile, hostile, hostile, {}},
                                                           {{hostile, hostile, hostile, hostile, hostile, {}}})});
}

}  // namespace

std::vector<Story> storybook(const Language& language) {
  std::vector<Story> stories;
  add_link_pages(stories, language);
  add_notices(stories, language);
  add_attempts(stories, language);
  add_simulator(stories, language);
  add_account_pages(stories, language);
  add_oauth_pages(stories, language);
  add_onboarding_pages(stories, language);
  return stories;
}

}  // namespace paylink::golden
