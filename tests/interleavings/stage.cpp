#include "stage.hpp"

#include <algorithm>

#include "app/deactivate_payment_link.hpp"
#include "app/expire_links.hpp"
#include "crypto/digest.hpp"

namespace paylink::interleavings {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view letters = "ABMENR";
constexpr auto lifetime = 10min;  // of the link
// What those who act may change: that they change nothing else is checked at the end.
constexpr std::string_view moving[] = {"attempts",      "captures",      "chargebacks", "ledger_entries",
                                       "outbox_events", "payment_links", "refunds",     "provider_alerts"};
constexpr int rounds_max = 12;  // of the reconciler, an hour apart

// Those that refer to others first.
constexpr std::string_view forget_all = R"sql(
  DELETE FROM ledger_entries;
  DELETE FROM refunds;
  DELETE FROM chargebacks;
  DELETE FROM captures;
  DELETE FROM attempts;
  DELETE FROM outbox_events;
  DELETE FROM provider_alerts;
  DELETE FROM payment_links;
  DELETE FROM payment_link_counts;
)sql";

// The outermost coroutine of an actor: where he is left alone, all of him goes with it.
class Life {
 public:
  struct promise_type {
    Life get_return_object() { return Life(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  explicit Life(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Life(Life&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Life& operator=(Life&&) = delete;
  ~Life() {
    if (handle_) handle_.destroy();
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Life live(Task<> task) { co_await std::move(task); }

}  // namespace

// Each acts at a node of his own: what nodes know of one another is in the database.
struct Stage::Node {
  Node(Role which, Shop& shop, Breakage breakage)
      : role(which),
        actor(static_cast<std::uint64_t>(which) + 1),
        lane(actor, shop.database, breakage),
        provider(actor, shop.provider),
        payments(lane, provider, shop.keys, "https://pay.example.com") {}

  const Role role;
  Actor actor;
  ActorLane lane;
  ActorProvider provider;
  app::Payments payments;
  std::optional<Life> life;  // goes first
};

Stage::Stage(const Scenario& scenario) : scenario_(scenario), begun_at_(database.clock.now()) {
  link = store::testing::make_link(database, organization.id, scenario.reusable);
  link.expiration_date = begun_at_ + lifetime;
  link.expires_effective_at = link.expiration_date;
  for (const std::string& table : database.tables()) {
    if (table == "payment_link_counts") continue;  // follows from the links, which is checked
    const bool moves = std::ranges::count(moving, table) > 0;
    (moves ? dumps_ : still_dumps_).push_back("SELECT * FROM " + table);
  }
  still_ = dump(still_dumps_);
  begin_again();
}

Stage::~Stage() = default;

void Stage::begin_again() {
  nodes_.clear();
  ENSURE(database.execute_script(forget_all).has_value());
  const auto insert = [&](sql::Transaction& tx) { return store::PaymentLinks(tx).insert(link); };
  ENSURE(database.write(insert).has_value());
  database.clock.advance(begun_at_ - database.clock.now());
  provider = {};
  provider.cancels_pending = true;
  known_states_.clear();
  known_status_.reset();
  told_.clear();
  trouble_.clear();
  was_switched_off_ = false;
  Shop& shop = *this;
  for (const Role role : scenario_.roles) {
    nodes_.push_back(std::make_unique<Node>(role, shop, scenario_.breakage));
    nodes_.back()->life.emplace(live(act(*nodes_.back())));
  }
}

Task<> Stage::act(Node& node) {
  switch (node.role) {
    case Role::payer_a:
    case Role::payer_b:
      return pay(node, Uuid::v4(node.actor.random), Uuid::v4(node.actor.random));
    case Role::merchant:
      return switch_off(node);
    case Role::expiry:
      return let_expire(node);
    case Role::notices:
      return notify(node);
    case Role::reconciler:
      break;
  }
  return reconcile_in_turn(node);
}

// The page says that somebody else has begun to pay, and offers to start over.
Task<> Stage::pay(Node& node, Uuid nonce, Uuid second_nonce) {
  app::StartPayment command{organization.id, link.resource_id,  PaymentMethod::credit_card, "payer@example.com",
                            nonce,           app::StartOver::no};
  auto begun = co_await node.payments.start(command);
  if (!begun && begun.error().reason == "payment_begun") {
    command.nonce = second_nonce;
    command.start_over = app::StartOver::yes;
    begun = co_await node.payments.start(command);
  }
  if (!begun || begun->checkout_url.empty()) co_return;
  const std::string payment = begun->provider_payment_id, token(begun->token.begin(), begun->token.end());
  node.actor.keep_in_mind(payment);
  if (scenario_.way == Way::by_and_by) {
    co_await node.actor.turn();
    auto& known = provider.payments.at(payment);
    if (known.state == AttemptState::open) known.state = AttemptState::pending;
  }
  co_await node.actor.turn();
  if (!is_final(provider.payments.at(payment).state)) provider.pay(payment);
  auto settled = co_await node.payments.settle_by_token(organization.id, token);
  if (!settled) trouble_ = "a payment could not be asked about: " + settled.error().reason;
}

Task<> Stage::switch_off(Node& node) {
  const app::DeactivatePaymentLink deactivate(node.lane, node.payments);
  const app::FindPaymentLink command{link.id};
  const app::Caller caller{organization.id, {}, {}};
  const app::KeepReply<PaymentLink> keep = [](const PaymentLink&, sql::Transaction&) { return Result<>(); };
  auto done = co_await deactivate(command, caller, keep);
  was_switched_off_ = done && done->status == LinkStatus::canceled;
}

Task<> Stage::let_expire(Node& node) {
  co_await node.actor.turn();
  database.clock.advance(lifetime);
  const auto expire = [](sql::Transaction& tx) { return app::expire_links(50, tx); };
  auto expired = co_await node.lane.write(sql::Tenant::everybody(), expire);
  if (!expired) trouble_ = "nothing could expire: " + expired.error().reason;
}

// Of each payment that has ended, one.
Task<> Stage::notify(Node& node) {
  for (;;) {
    co_await node.actor.turn([this, &node] { return untold() || others_are_done(node); });
    const auto payment = untold();
    node.actor.keep_in_mind({});
    if (!payment) co_return;
    told_.push_back(*payment);
    node.actor.hear(*payment);
    const auto of_attempt = AttemptId::parse(provider.payments.at(*payment).attempt);
    const auto find = [&](sql::Transaction& tx) { return store::Attempts(tx).find(organization.id, *of_attempt); };
    const auto attempt = database.write(organization.id, find);
    const std::string token(attempt->token.begin(), attempt->token.end());
    auto settled = co_await node.payments.settle_noticed(organization.id, token);
    if (!settled) trouble_ = "a payment could not be asked about: " + settled.error().reason;
  }
}

Task<> Stage::reconcile_in_turn(Node& node) {
  auto attempts = co_await node.payments.reconcile_attempts(1);
  if (!attempts) trouble_ = "attempts could not be reconciled: " + attempts.error().reason;
  node.actor.keep_in_mind("refunds");
  auto refunds = co_await node.payments.reconcile_refunds(1);
  if (!refunds) trouble_ = "refunds could not be reconciled: " + refunds.error().reason;
}

bool Stage::others_are_done(const Node& node) const {
  return std::ranges::all_of(nodes_, [&](const auto& other) { return other.get() == &node || other->actor.is_done(); });
}

std::optional<std::string> Stage::untold() const {
  for (const auto& [id, payment] : provider.payments)
    if (is_final(payment.state) && std::ranges::count(told_, id) == 0) return id;
  return std::nullopt;
}

std::vector<std::size_t> Stage::ready() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i]->actor.may_go()) found.push_back(i);
  return found;
}

char Stage::letter(std::size_t actor) const { return letters[static_cast<std::size_t>(nodes_[actor]->role)]; }

void Stage::step(std::size_t actor) { nodes_[actor]->actor.go(); }

std::string Stage::check() {
  if (!trouble_.empty()) return std::exchange(trouble_, {});
  std::string wrong = check_rows();
  return wrong.empty() ? check_course() : wrong;
}

std::string Stage::dump(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += '\n' + text_of(database.ask(statement));
  return text;
}

std::string Stage::fingerprint() {
  std::string text = std::to_string(to_microseconds(database.clock.now())) + dump(dumps_);
  for (const auto& [id, payment] : provider.payments) text += '\n' + text_of(payment);
  for (const auto& refund : provider.refunds) text += '\n' + text_of(refund);
  for (const auto& node : nodes_) text += '\n' + node->actor.mind();
  for (const std::string& payment : told_) text += '\n' + payment;
  text += was_switched_off_ ? "\noff" : "\n";
  return crypto::sha256(text);
}

// What holds after every step (tests/faults/README.md): I2, I6 and I11.
std::string Stage::check_rows() {
  struct Check {
    std::string_view sentence;
    std::string_view offending;
  };
  static constexpr Check checks[] = {
      {"I2: it keeps several captures",
       "SELECT 1 FROM captures WHERE exclusive = 1 AND kept = 1 GROUP BY payment_link_id HAVING COUNT(*) > 1"},
      {"I2: it is paid, and keeps no capture or the other way round",
       "SELECT 1 FROM payment_links l WHERE l.reusable = 0 AND (l.status = 'paid') <> EXISTS (SELECT 1 FROM captures c"
       " WHERE c.organization_id = l.organization_id AND c.payment_link_id = l.id AND c.kept = 1)"},
      {"I2: an attempt is paid without a capture, or the other way round",
       "SELECT 1 FROM attempts a WHERE (a.state = 'paid') <> EXISTS (SELECT 1 FROM captures c"
       " WHERE c.organization_id = a.organization_id AND c.attempt_id = a.id)"},
      {"I2: a surplus has no refund, or what is kept has one",
       "SELECT 1 FROM captures c WHERE (c.kept = 0) <> EXISTS (SELECT 1 FROM refunds r"
       " WHERE r.organization_id = c.organization_id AND r.attempt_id = c.attempt_id)"},
      {"I2: more is given back than came in",
       "SELECT 1 FROM captures c WHERE c.amount_minor < (SELECT COALESCE(SUM(r.amount_minor), 0) FROM refunds r"
       " WHERE r.organization_id = c.organization_id AND r.attempt_id = c.attempt_id AND r.state <> 'failed')"},
      {"I6: a movement does not sum to zero",
       "SELECT 1 FROM ledger_entries GROUP BY movement_id, currency HAVING SUM(amount_minor) <> 0 OR COUNT(*) <> 2"},
      {"I6: the ledger does not hold a capture",
       "SELECT 1 FROM captures c WHERE (SELECT COUNT(*) FROM ledger_entries e WHERE e.attempt_id = c.attempt_id"
       " AND e.kind = 'capture' AND e.account = 'provider' AND e.amount_minor = c.amount_minor) <> 1"},
      {"I11: it is miscounted",
       "SELECT 1 FROM payment_link_counts c WHERE c.links <> (SELECT COUNT(*) FROM payment_links l"
       " WHERE l.organization_id = c.organization_id AND l.status = c.status)"},
      {"the provider contradicted itself", "SELECT 1 FROM provider_alerts"},
  };
  // One question, because it is asked so often.
  static const std::string all = [] {
    std::string text;
    for (const Check& check : checks)
      text += (text.empty() ? "SELECT '" : " UNION ALL SELECT '") + std::string(check.sentence) + "' WHERE EXISTS (" +
              std::string(check.offending) + ")";
    return text;
  }();
  const sql::Rows found = database.ask(all);
  return found.empty() ? std::string() : std::string(found.front().text(0));
}

// Nothing goes back (I5), and what was promised is kept (I1).
std::string Stage::check_course() {
  const sql::Rows attempts = database.ask("SELECT id, state FROM attempts");
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto state = *attempt_state_names.parse(attempts[i].text(1));
    const auto known = known_states_.try_emplace(attempts[i].uuid(0), state).first;
    if (!leads_to(known->second, state)) return "I5: an attempt went back";
    known->second = state;
  }
  if (known_states_.size() != attempts.size()) return "I1: an attempt is gone";
  const sql::Value values[] = {link.id};
  const auto rows = database.ask("SELECT status FROM payment_links WHERE id = $1", values);
  const auto status = *link_status_names.parse(rows.front().text(0));
  if (known_status_ == LinkStatus::paid && status != LinkStatus::paid) return "I5: it was paid and is no more";
  if (was_switched_off_ && scenario_.reusable == Reusable::no && status == LinkStatus::paid)
    return "I1: it is paid, and the merchant was told that it is switched off";
  known_status_ = status;
  return {};
}

std::string Stage::settle() {
  for (int round = 0; round < rounds_max; ++round) {
    database.clock.advance(1h);
    for (auto& [id, payment] : provider.payments)
      if (!is_final(payment.state)) payment.state = AttemptState::expired;
    const int looked_at = reconcile();
    const auto expire = [](sql::Transaction& tx) { return app::expire_links(50, tx); };
    ENSURE(database.write(expire).has_value());
    if (std::string wrong = check(); !wrong.empty()) return wrong;
    if (looked_at == 0) return check_agreement();
  }
  return "it never settles";
}

// Both sides agree, payment by payment.
std::string Stage::check_agreement() {
  if (dump(still_dumps_) != still_) return "a table was changed that is not looked at";
  if (known_states_.size() != provider.payments.size()) return "I6: an attempt has no payment, or one has several";
  std::size_t paid = 0;
  for (const auto& [id, payment] : provider.payments) {
    const auto attempt = AttemptId::parse(payment.attempt);
    const auto known = attempt ? known_states_.find(attempt->uuid()) : known_states_.end();
    if (known == known_states_.end() || known->second != payment.state) return "I6: a payment ended otherwise";
    if (payment.state == AttemptState::paid) ++paid;
  }
  const auto kept = database.number("SELECT COUNT(*) FROM captures WHERE kept = 1");
  const auto given_back = database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'");
  if (std::cmp_not_equal(given_back, provider.refunds.size())) return "I6: what is given back is not what was";
  if (std::cmp_not_equal(kept + given_back, paid)) return "I2: what came in is neither kept nor given back";
  if (scenario_.reusable == Reusable::no && kept == 0 && paid > 0 && !was_switched_off_ &&
      status() != LinkStatus::canceled)
    return "I2: nothing is kept of what came in";
  if (was_switched_off_ && status() != LinkStatus::canceled) return "I1: it was switched off and is not canceled";
  return {};
}

}  // namespace paylink::interleavings
