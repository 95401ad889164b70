#include "flows.hpp"

#include <algorithm>

#include "app/deactivate_payment_link.hpp"
#include "app/install.hpp"
#include "app/refund_payment.hpp"
#include "http/request.hpp"
#include "runtime/run_now.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"
#include "store/payment_links.hpp"
#include "store/provider_grants.hpp"

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

// Where the answer leads; empty when nowhere.
std::string post_form(Merchant& merchant, const std::string& url, const std::string& body) {
  if (url.empty()) return {};
  http::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = body;
  auto answer = run_now(merchant.client->send(std::move(request)));
  return answer ? std::move(answer->location) : std::string();
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

void begin_connection(Merchant& merchant) {
  write(merchant, [&](sql::Transaction& tx) {
    return app::begin_connection({.callback_url = "https://shop.example/back",
                                  .bank_account = BankAccountId(merchant.ids.organization.uuid()),
                                  .phone_number = "+33123456789",
                                  .business_description = {},
                                  .website_url = {}},
                                 caller_of(merchant), tx);
  });
}

void connect(Merchant& merchant) {
  begin_connection(merchant);
  show_and_confirm(merchant);
}

// What the form of the provider's page sends, on which a person decides.
struct AtProvider {
  std::string decision = "allow";
  std::string onboarding = "completed";
};

// He comes back with his browser; where he is led says how he has decided.
app::ConnectReturn decide_there(Merchant& merchant, const std::string& url, const AtProvider& there) {
  const std::size_t query = url.find('?') + 1;
  const std::string led = post_form(merchant, url.substr(0, query - 1),
                                    url.substr(query) + "&organization=Shop&profiles=1&decision=" + there.decision +
                                        "&onboarding=" + there.onboarding);
  const auto pairs = http::parse_pairs(led.substr(std::min(led.find('?'), led.size() - 1) + 1));
  app::ConnectReturn back{.state = {}, .code = {}, .error = {}, .user = merchant.ids.owner};
  for (const auto& [name, value] : pairs.value_or(http::Pairs())) {
    if (name == "state") back.state = value;
    if (name == "code") back.code = Secret(value);
    if (name == "error") back.error = value;
  }
  return back;
}

// The whole way of somebody who connects his account: there and back, what for, and that it shall be so.
void authorize_as(Merchant& merchant, const AtProvider& there, const std::string& mode) {
  const auto visitor = visitor_of(merchant);
  if (!visitor) return;
  const auto url = run_now(merchant.connect_account.begin(*visitor));
  if (!url) return;
  attempt_to(merchant.connect_account.finish(decide_there(merchant, *url, there)));
  const auto look = [&](sql::Transaction& tx) { return app::visit_connection(*visitor, tx); };
  const auto given = read(merchant, look);
  const auto* const choice = given ? app::choice_of(*given, merchant.clock.now()) : nullptr;
  const auto profiles = app::read_profiles(choice != nullptr ? choice->profiles : std::string("[]"));
  if (!profiles || profiles->empty()) return;
  attempt_to(merchant.connect_account.choose(*visitor, profiles->front().id, mode));
  const auto chosen = read(merchant, look);
  const auto* const proposal = chosen ? app::proposal_of(*chosen, merchant.clock.now()) : nullptr;
  if (proposal != nullptr) attempt_to(merchant.provider_keys.confirm(*visitor, proposal->at));
}

bool is_enabled(Merchant& merchant) {
  const auto enabled =
      read(merchant, [&](sql::Transaction& tx) { return store::Connections(tx).enabled(merchant.ids.organization); });
  return enabled && enabled->has_value();
}

// Whoever finds himself connected is done.
void authorize(Merchant& merchant) {
  if (is_enabled(merchant)) return;
  begin_connection(merchant);
  authorize_as(merchant, {}, "test");
}

void authorize_again(Merchant& merchant) { authorize_as(merchant, {}, "test"); }

void refuse_to_authorize(Merchant& merchant) {
  begin_connection(merchant);
  authorize_as(merchant, {.decision = "refuse", .onboarding = "completed"}, "test");
}

// Live, while the provider has yet to let the account be paid; then it does.
void authorize_and_wait(Merchant& merchant) {
  if (is_enabled(merchant)) return;
  begin_connection(merchant);
  authorize_as(merchant, {.decision = "allow", .onboarding = "in-review"}, "live");
  decide_there(merchant, merchant.connect.authorize_url("nobody comes back"), {});
  merchant.clock.advance(std::chrono::minutes(2));
  attempt_to(merchant.renewal.look_after(50));
}

void renew_in_time(Merchant& merchant) {
  attempt_to(merchant.renewal.look_after(50));
  pay(merchant);
}

// The merchant has taken back at the provider what he had allowed, and somebody wants to pay.
void end_there(Merchant& merchant) {
  const auto token = read(merchant, [&](sql::Transaction& tx) -> Result<Secret> {
    const auto connection = TRY(store::Connections(tx).enabled(merchant.ids.organization));
    if (!connection || !connection->grant) return Secret();
    const auto grant = TRY(store::ProviderGrants(tx).find(connection->organization, *connection->grant));
    return merchant.keys.open(grant.refresh_token_sealed, app::refresh_token_seal(grant));
  });
  if (token && !token->reveal().empty()) attempt_to(merchant.mollie_connect.revoke(*token));
  start(merchant, first_form, PaymentMethod::ideal);
}

void disconnect(Merchant& merchant) {
  const auto attempt = start(merchant, first_form, PaymentMethod::ideal);
  if (const auto visitor = visitor_of(merchant)) attempt_to(merchant.provider_keys.disconnect(*visitor));
  decide(merchant, attempt, "paid");
  come_back(merchant, attempt);
}

constexpr std::chrono::minutes soon_expired{45}, expired{61};

constexpr Flow all[] = {
    {"pay", Begins::connected_by_key, pay, "link paid, attempts paid, refunds -, connections enabled"},
    {"pay, by notice", Begins::connected_by_key, pay_noticed,
     "link paid, attempts paid, refunds -, connections enabled"},
    {"fail, then pay", Begins::connected_by_key, fail_then_pay,
     "link paid, attempts failed paid, refunds -, connections enabled"},
    {"start over", Begins::connected_by_key, start_over,
     "link paid, attempts canceled paid, refunds -, connections enabled"},
    {"pay twice", Begins::connected_by_key, pay_twice,
     "link paid, attempts paid paid, refunds 1330 refunded, connections enabled"},
    {"switch off", Begins::connected_by_key, switch_off,
     "link canceled, attempts canceled, refunds -, connections enabled"},
    {"refund", Begins::connected_by_key, refund,
     "link paid, attempts paid, refunds 330 refunded 330 refunded, connections enabled"},
    {"charge back", Begins::connected_by_key, charge_back, "link paid, attempts paid, refunds -, connections enabled"},
    {"connect", Begins::alone, connect, "link open, attempts -, refunds -, connections enabled", Again::same_end},
    {"change the key", Begins::connected_by_key, show_and_confirm,
     "link open, attempts -, refunds -, connections enabled"},
    {"disconnect", Begins::connected_by_key, disconnect, "link paid, attempts paid, refunds -, connections disabled"},
    {authorizing, Begins::alone, authorize, "link open, attempts -, refunds -, connections enabled, grants used",
     Again::same_end},
    {"authorize, and wait", Begins::alone, authorize_and_wait,
     "link open, attempts -, refunds -, connections enabled, grants used", Again::same_end},
    {"refuse to authorize", Begins::alone, refuse_to_authorize, "link open, attempts -, refunds -, connections pending",
     Again::same_end},
    {"authorize instead of a key", Begins::connected_by_key, authorize_again,
     "link open, attempts -, refunds -, connections enabled, grants used", Again::same_end},
    {"authorize again", Begins::connected_by_authorization, authorize_again,
     "link open, attempts -, refunds -, connections enabled, grants used", Again::same_end},
    {"renew in time", Begins::connected_by_authorization, renew_in_time,
     "link paid, attempts paid, refunds -, connections enabled, grants used", Again::same_end, soon_expired},
    {"renew when refused", Begins::connected_by_authorization, pay,
     "link paid, attempts paid, refunds -, connections enabled, grants used", Again::same_end, expired},
    {"renew what rotates", Begins::connected_by_authorization, pay,
     "link paid, attempts paid, refunds -, connections enabled, grants used", Again::anywhere_sound, expired,
     rotating_application},
    {"end an authorization", Begins::connected_by_authorization, disconnect,
     "link paid, attempts paid, refunds -, connections disabled"},
    {"end it at the provider", Begins::connected_by_authorization, end_there,
     "link open, attempts expired, refunds -, connections disabled", Again::same_end, expired},
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
// The one that was there from the start has no address to tell, and was told of to nobody.
constexpr std::string_view connected_untold = R"sql(
  SELECT 'a connection that was enabled or ended, and nobody or somebody twice was told' FROM organizations
  WHERE (SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_enabled%')
      - (SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_revoked%')
    <> (SELECT COUNT(*) FROM connections WHERE status = 'enabled' AND callback_url <> '')
      - (SELECT COUNT(*) FROM connections WHERE status = 'disabled' AND callback_url = '')
)sql";
constexpr std::string_view half_a_grant = R"sql(
  SELECT 'a grant that is ' || state || ' with or without its tokens' FROM provider_grants
  WHERE (access_token_sealed IS NULL) <> (refresh_token_sealed IS NULL)
    OR (state IN ('asked', 'gone') AND access_token_sealed IS NOT NULL)
    OR (state IN ('given', 'waiting', 'used', 'ended') AND access_token_sealed IS NULL)
)sql";
constexpr std::string_view connected_by_nothing = R"sql(
  SELECT 'a connection whose grant is not in use' FROM connections c
  WHERE c.grant_id IS NOT NULL AND c.status <> 'disabled' AND NOT EXISTS (
    SELECT 1 FROM provider_grants g WHERE g.organization_id = c.organization_id AND g.id = c.grant_id
      AND g.state = CASE c.status WHEN 'enabled' THEN 'used' ELSE 'waiting' END)
)sql";
constexpr std::string_view used_for_nothing = R"sql(
  SELECT 'a grant in use that connects nobody' FROM provider_grants g
  WHERE g.state IN ('waiting', 'used') AND NOT EXISTS (
    SELECT 1 FROM connections c WHERE c.organization_id = g.organization_id AND c.grant_id = g.id
      AND c.status <> 'disabled')
)sql";
constexpr std::string_view unlike_the_log = R"sql(
  SELECT 'a connection that is ' || c.status || ', and the audit log says otherwise' FROM connections c
  WHERE (c.status = 'disabled') <> ((SELECT COUNT(*) FROM audit_events a
      WHERE a.action = 'connection_disabled' AND replace(a.object, '-', '') = lower(hex(c.id))) = 1)
    OR (c.grant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_events a
      WHERE a.action = 'connection_key_confirmed' AND replace(a.object, '-', '') = lower(hex(c.id))))
)sql";
constexpr std::string_view lost_untold = R"sql(
  SELECT 'a connection that the provider has ended, and the operator is not told' FROM audit_events a
  WHERE a.detail = 'the provider ended its authorization'
    AND NOT EXISTS (SELECT 1 FROM connection_alerts WHERE kind = 'authorization_lost')
)sql";

// What is sealed opens.
Result<std::string> sealed_complaints(Merchant& merchant, sql::Transaction& tx) {
  std::string found;
  const auto ids = TRY(tx.query("SELECT id FROM provider_grants WHERE access_token_sealed IS NOT NULL", {}));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto grant = TRY(store::ProviderGrants(tx).find(merchant.ids.organization, ProviderGrantId(ids[i].uuid(0))));
    if (!merchant.keys.open(grant.access_token_sealed, app::access_token_seal(grant)) ||
        !merchant.keys.open(grant.refresh_token_sealed, app::refresh_token_seal(grant)))
      found += "the tokens of a grant do not open; ";
  }
  const auto enabled = TRY(store::Connections(tx).enabled(merchant.ids.organization));
  if (!enabled || enabled->grant) return found;
  const auto key =
      merchant.keys.open(enabled->api_key_sealed, app::connection_seal(enabled->organization, enabled->id));
  if (!key || key->reveal() != provider_key) found += "the key of the connection does not open; ";
  return found;
}

// What an enabled connection was authorized for works, with tokens renewed as for a payment, or its end is known then.
// While somebody who died is still held to renew them nobody can say.
std::string authorization_complaint(Merchant& merchant) {
  const auto access = read(merchant, [&](sql::Transaction& tx) -> Result<std::optional<app::ProviderAccess>> {
    const auto enabled = TRY(store::Connections(tx).enabled(merchant.ids.organization));
    if (!enabled || !enabled->grant) return std::optional<app::ProviderAccess>();
    const auto grant = TRY(store::ProviderGrants(tx).find(enabled->organization, *enabled->grant));
    if (grant.lease_until && *grant.lease_until > tx.now()) return std::optional<app::ProviderAccess>();
    auto opened = TRY(app::access_of(*enabled, grant, merchant.keys));
    return std::optional(std::move(opened));
  });
  if (!access) return access.error().reason + "; ";
  if (!*access) return {};
  app::TokenRenewal renewal(*merchant.engine, merchant.mollie_connect, merchant.keys);
  app::RefreshingProvider provider(merchant.mollie, renewal);
  const auto methods = run_now(provider.methods(**access, {}));
  if (methods || !is_enabled(merchant)) return {};
  return "the grant of an enabled connection is worth nothing: " + methods.error().reason + "; ";
}

}  // namespace

std::span<const Flow> flows() { return all; }

void reconcile(Merchant& merchant) {
  for (int turn = 0; turn < 20; ++turn) {
    const auto attempts = run_now(merchant.payments.reconcile_attempts(50));
    const auto refunds = run_now(merchant.payments.reconcile_refunds(50));
    const auto grants = run_now(merchant.renewal.look_after(50));
    if (attempts && refunds && grants && *attempts + *refunds + *grants == 0) return;
  }
}

std::string state_of(Merchant& merchant) {
  const auto told = read(merchant, [](sql::Transaction& tx) -> Result<std::string> {
    const auto link = TRY(words_of("SELECT status FROM payment_links", tx));
    const auto attempts = TRY(words_of("SELECT state FROM attempts ORDER BY state", tx));
    const auto refunds =
        TRY(words_of("SELECT CAST(amount_minor AS TEXT) || ' ' || state FROM refunds ORDER BY id", tx));
    const auto connections = TRY(words_of("SELECT status FROM connections ORDER BY id", tx));
    const auto grants = TRY(words_of("SELECT state FROM provider_grants WHERE state <> 'gone' ORDER BY id", tx));
    return "link " + link + ", attempts " + attempts + ", refunds " + refunds + ", connections " + connections +
           (grants == "-" ? std::string() : ", grants " + grants);
  });
  return told ? *told : told.error().detail;
}

std::string complaints(Merchant& merchant) {
  const auto told = read(merchant, [&](sql::Transaction& tx) -> Result<std::string> {
    std::string found;
    const auto violations = TRY(store::Ledger(tx).violations(10));
    for (const auto& violation : violations) found += violation + "; ";
    for (const std::string_view statement : {few_events, more_connections, connected_untold, half_a_grant,
                                             connected_by_nothing, used_for_nothing, unlike_the_log, lost_untold})
      if (const auto words = TRY(words_of(statement, tx)); words != "-") found += words + "; ";
    found += TRY(sealed_complaints(merchant, tx));
    return found;
  });
  return (told ? *told : told.error().reason + " " + told.error().detail) + authorization_complaint(merchant);
}

}  // namespace paylink::crash
