#include "flows.hpp"

#include "app/deactivate_payment_link.hpp"
#include "app/install.hpp"
#include "app/refund_payment.hpp"
#include "runtime/run_now.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"
#include "store/payment_links.hpp"

namespace paylink::crash {
namespace {

using app::StartOver;
using runtime::run_now;

// The nonces of two payers' forms: whoever sends his again goes on with what he has begun.
const Uuid first_form = *Uuid::parse("f0000000-0000-4000-8000-000000000001");
const Uuid second_form = *Uuid::parse("f0000000-0000-4000-8000-000000000002");
constexpr char provider_key[] = "test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

// A step that may be refused.
template <class T>
void attempt_to(Task<Result<T>> step) {
  [[maybe_unused]] const auto done = run_now(std::move(step));
}

void post_form(Merchant& merchant, const std::string& url, const std::string& body) {
  if (url.empty()) return;
  http::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = body;
  attempt_to(merchant.client->send(std::move(request)));
}

std::optional<Attempt> start(Merchant& merchant, const Uuid& form, PaymentMethod method,
                             StartOver start_over = StartOver::no) {
  const auto& ids = merchant.ids;
  auto begun =
      run_now(merchant.payments.start({ids.organization, ids.resource, method, "payer@example.com", form, start_over}));
  return begun ? std::optional(*std::move(begun)) : std::nullopt;
}

// The payer at the provider's page.
void decide(Merchant& merchant, const std::optional<Attempt>& attempt, const std::string& outcome) {
  if (attempt) post_form(merchant, attempt->checkout_url, "outcome=" + outcome);
}

void come_back(Merchant& merchant, const std::optional<Attempt>& attempt) {
  if (attempt) attempt_to(merchant.payments.settle(attempt->organization, attempt->id));
}

void notice(Merchant& merchant, const std::optional<Attempt>& attempt) {
  if (attempt)
    attempt_to(merchant.payments.settle_noticed(
        attempt->organization,
        std::string(reinterpret_cast<const char*>(attempt->token.data()), attempt->token.size())));
}

template <class Step>
void write(Merchant& merchant, Step step) {
  const auto run = [&]() -> Task<std::invoke_result_t<Step&, sql::Transaction&>> {
    auto done = co_await merchant.lane.write(merchant.ids.organization, step);
    co_return done;
  };
  attempt_to(run());
}

template <class Step>
auto read(Merchant& merchant, Step step) {
  const auto run = [&]() -> Task<std::invoke_result_t<Step&, sql::Transaction&>> {
    auto done = co_await merchant.lane.read(sql::Tenant::everybody(), step);
    co_return done;
  };
  return run_now(run());
}

app::Caller caller_of(const Merchant& merchant) { return {merchant.ids.organization, merchant.ids.owner.uuid(), {}}; }

void pay(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::ideal);
  decide(merchant, attempt, "paid");
  come_back(merchant, attempt);
}

void pay_noticed(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::credit_card);
  decide(merchant, attempt, "paid");
  notice(merchant, attempt);
}

void fail_then_pay(Merchant& merchant) {
  const auto first = start(merchant, first_form, PaymentMethod::credit_card);
  decide(merchant, first, "failed");
  come_back(merchant, first);
  const auto second = start(merchant, second_form, PaymentMethod::ideal);
  decide(merchant, second, "paid");
  come_back(merchant, second);
}

void start_over(Merchant& merchant) {
  start(merchant, first_form, PaymentMethod::credit_card);
  const auto second = start(merchant, second_form, PaymentMethod::ideal, StartOver::yes);
  reconcile(merchant);
  decide(merchant, second, "paid");
  come_back(merchant, second);
}

// Two browsers, and an attempt that its provider does not cancel.
void pay_twice(Merchant& merchant) {
  const auto first = start(merchant, first_form, PaymentMethod::ideal);
  const auto second = start(merchant, second_form, PaymentMethod::ideal, StartOver::yes);
  decide(merchant, first, "paid");
  decide(merchant, second, "paid");
  come_back(merchant, second);
  come_back(merchant, first);
  reconcile(merchant);
}

void switch_off(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::credit_card);
  decide(merchant, attempt, "pending");
  come_back(merchant, attempt);
  const app::DeactivatePaymentLink deactivate(merchant.lane, merchant.payments);
  const app::KeepReply<PaymentLink> keep = [](const PaymentLink&, sql::Transaction&) { return Result<>(); };
  attempt_to(deactivate({merchant.ids.link}, caller_of(merchant), keep));
}

void refund(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::ideal);
  decide(merchant, attempt, "paid");
  come_back(merchant, attempt);
  const Money part = *Money::parse_decimal("3.30", *Currency::parse("EUR"));
  for (int i = 0; i < 2 && attempt; ++i)
    write(merchant, [&](sql::Transaction& tx) {
      return app::refund_payment({{merchant.ids.link, attempt->id}, part}, caller_of(merchant), tx);
    });
  reconcile(merchant);
}

void charge_back(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::credit_card);
  decide(merchant, attempt, "paid");
  come_back(merchant, attempt);
  if (!attempt) return;
  const std::string& url = attempt->checkout_url;
  const auto stored = read(
      merchant, [&](sql::Transaction& tx) { return store::Attempts(tx).find(attempt->organization, attempt->id); });
  const std::size_t origin = url.find("/checkout/");
  if (!stored || origin == std::string::npos) return;
  const std::string change = url.substr(0, origin) + "/change-payment-state/" + stored->provider_payment_id;
  post_form(merchant, change, "outcome=charged_back");
  notice(merchant, attempt);
  post_form(merchant, change, "outcome=chargeback_reversed");
  notice(merchant, attempt);
}

std::optional<app::ConnectionVisitor> visitor_of(Merchant& merchant) {
  const auto latest =
      read(merchant, [&](sql::Transaction& tx) { return store::Connections(tx).latest(merchant.ids.organization); });
  if (!latest || !*latest) return std::nullopt;
  const auto& connection = **latest;
  return app::ConnectionVisitor{
      {connection.organization, connection.id, connection.revision, app::ConnectionUse::decide}, merchant.ids.owner};
}

void show_and_confirm(Merchant& merchant) {
  const auto visitor = visitor_of(merchant);
  if (!visitor) return;
  attempt_to(merchant.provider_keys.propose(*visitor, Secret(provider_key)));
  const auto view = read(merchant, [&](sql::Transaction& tx) { return app::visit_connection(*visitor, tx); });
  const auto* const proposal = view ? app::proposal_of(*view, merchant.clock.now()) : nullptr;
  if (proposal != nullptr) attempt_to(merchant.provider_keys.confirm(*visitor, proposal->at));
}

void connect(Merchant& merchant) {
  write(merchant, [&](sql::Transaction& tx) {
    return app::begin_connection({.callback_url = "https://shop.example/back",
                                  .bank_account = BankAccountId(merchant.ids.organization.uuid()),
                                  .phone_number = "+33123456789",
                                  .business_description = {},
                                  .website_url = {}},
                                 caller_of(merchant), tx);
  });
  show_and_confirm(merchant);
}

void disconnect(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::ideal);
  if (const auto visitor = visitor_of(merchant)) attempt_to(merchant.provider_keys.disconnect(*visitor));
  decide(merchant, attempt, "paid");
  come_back(merchant, attempt);
}

constexpr Flow all[] = {
    {"pay", Connected::yes, pay, "link paid, attempts paid, refunds -, connections enabled"},
    {"pay, by notice", Connected::yes, pay_noticed, "link paid, attempts paid, refunds -, connections enabled"},
    {"fail, then pay", Connected::yes, fail_then_pay,
     "link paid, attempts failed paid, refunds -, connections enabled"},
    {"start over", Connected::yes, start_over, "link paid, attempts canceled paid, refunds -, connections enabled"},
    {"pay twice", Connected::yes, pay_twice,
     "link paid, attempts paid paid, refunds 1330 refunded, connections enabled"},
    {"switch off", Connected::yes, switch_off, "link canceled, attempts canceled, refunds -, connections enabled"},
    {"refund", Connected::yes, refund,
     "link paid, attempts paid, refunds 330 refunded 330 refunded, connections enabled"},
    {"charge back", Connected::yes, charge_back, "link paid, attempts paid, refunds -, connections enabled"},
    {"connect", Connected::no, connect, "link open, attempts -, refunds -, connections enabled"},
    {"change the key", Connected::yes, show_and_confirm, "link open, attempts -, refunds -, connections enabled"},
    {"disconnect", Connected::yes, disconnect, "link paid, attempts paid, refunds -, connections disabled"},
};

// The rows of a statement with one column, in a line.
Result<std::string> words_of(std::string_view statement, sql::Transaction& tx) {
  const sql::Rows rows = TRY(tx.query(statement, {}));
  std::string words;
  for (std::size_t i = 0; i < rows.size(); ++i) words += (i == 0 ? "" : " ") + std::string(rows[i].text(0));
  return rows.empty() ? "-" : words;
}

// What only holds once everything is over is not asked for here.
constexpr std::string_view few_events = R"sql(
  SELECT 'a movement of money that nobody is told of' FROM payment_links
  WHERE (SELECT COUNT(*) FROM outbox_events) < (SELECT COUNT(*) FROM captures WHERE kept = 1)
    + (SELECT COUNT(*) FROM refunds WHERE reason = 'requested' AND state = 'refunded')
    + (SELECT COUNT(*) FROM chargebacks)
)sql";
constexpr std::string_view more_connections =
    "SELECT 'several connections' FROM connections WHERE status <> 'disabled' GROUP BY organization_id HAVING COUNT(*) "
    "> 1";
constexpr std::string_view connected_untold = R"sql(
  SELECT 'a connection that was enabled, and nobody or somebody twice was told' FROM connections c
  WHERE c.status = 'enabled' AND c.callback_url <> ''
    AND (SELECT COUNT(*) FROM outbox_events WHERE type LIKE '%connection%') <> 1
)sql";

}  // namespace

std::span<const Flow> flows() { return all; }

void reconcile(Merchant& merchant) {
  for (int turn = 0; turn < 20; ++turn) {
    const auto attempts = run_now(merchant.payments.reconcile_attempts(50));
    const auto refunds = run_now(merchant.payments.reconcile_refunds(50));
    if (attempts && refunds && *attempts + *refunds == 0) return;
  }
}

std::string state_of(Merchant& merchant) {
  const auto told = read(merchant, [](sql::Transaction& tx) -> Result<std::string> {
    const auto link = TRY(words_of("SELECT status FROM payment_links", tx));
    const auto attempts = TRY(words_of("SELECT state FROM attempts ORDER BY state", tx));
    const auto refunds =
        TRY(words_of("SELECT CAST(amount_minor AS TEXT) || ' ' || state FROM refunds ORDER BY id", tx));
    const auto connections = TRY(words_of("SELECT status FROM connections ORDER BY id", tx));
    return "link " + link + ", attempts " + attempts + ", refunds " + refunds + ", connections " + connections;
  });
  return told ? *told : told.error().detail;
}

std::string complaints(Merchant& merchant) {
  const auto told = read(merchant, [&](sql::Transaction& tx) -> Result<std::string> {
    std::string found;
    const auto violations = TRY(store::Ledger(tx).violations(10));
    for (const auto& violation : violations) found += violation + "; ";
    for (const std::string_view statement : {few_events, more_connections, connected_untold})
      if (const auto words = TRY(words_of(statement, tx)); words != "-") found += words + "; ";
    const auto enabled = TRY(store::Connections(tx).enabled(merchant.ids.organization));
    if (!enabled) return found;
    const auto key =
        merchant.keys.open(enabled->api_key_sealed, app::connection_seal(enabled->organization, enabled->id));
    if (!key || key->reveal() != provider_key) found += "the key of the connection does not open; ";
    return found;
  });
  return told ? *told : told.error().reason + " " + told.error().detail;
}

}  // namespace paylink::crash
