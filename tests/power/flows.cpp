#include <atomic>
#include <functional>
#include <latch>

#include "app/create_payment_link.hpp"
#include "app/deactivate_payment_link.hpp"
#include "app/idempotency.hpp"
#include "app/refund_payment.hpp"
#include "runtime/run_now.hpp"
#include "service.hpp"
#include "sql/sqlite/upkeep.hpp"
#include "store/settings.hpp"

namespace paylink::power {
namespace {

using app::StartOver;
using runtime::run_now;

constexpr std::string_view route = "POST /v2/payment_links";

void promise(Service& service, Promise::Kind kind, std::string key, std::string value = {}) {
  World& world = service.world();
  world.promises.push_back({kind, std::move(key), std::move(value), world.moment});
}

// What a client sends: its title is in the only item, and in its idempotency key.
Task<Result<PaymentLink>> create_titled(Service& service, std::string title, std::function<void()> meanwhile = [] {}) {
  const app::Caller caller = service.world().caller();
  const auto step = [caller, title, meanwhile](sql::Transaction& tx) -> Result<PaymentLink> {
    meanwhile();
    const auto request = app::IdempotentRequest::create(caller, route, title, "/", title, app::Idempotency::strict);
    TRY(app::find_stored_answer(request, tx));
    const app::CreatePaymentLink command{
        .methods = {PaymentMethod::credit_card, PaymentMethod::ideal},
        .amount = *Money::parse_decimal("13.30", *Currency::parse("EUR")),
        .subject = Basket{R"([{"title":")" + title + "\"}]"},
    };
    auto link = TRY(app::create_payment_link(command, caller, tx));
    TRY(app::store_answer(request, 201, link.id.uuid().text(), tx));
    return link;
  };
  auto made = co_await service.lane().write(caller.organization, step);
  co_return made;
}

void note(Service& service, const std::string& title, const Result<PaymentLink>& made) {
  if (!made) return promise(service, Promise::Kind::no_link, title);
  promise(service, Promise::Kind::link, made->id.uuid().text());
  promise(service, Promise::Kind::answer, title, made->id.uuid().text());
}

std::string next_title(Service& service) { return "op-" + std::to_string(++service.world().titles); }

Result<PaymentLink> try_new_link(Service& service) {
  const std::string title = next_title(service);
  auto made = run_now(create_titled(service, title));
  note(service, title, made);
  return made;
}

std::optional<PaymentLink> new_link(Service& service) {
  auto made = try_new_link(service);
  return made ? std::optional(*std::move(made)) : std::nullopt;
}

// Many at once: the first keeps the lane busy until the others wait, and they share a commit.
void create_crowd(Service& service) {
  constexpr std::size_t crowd = 9;
  std::vector<std::string> titles;
  std::vector<std::optional<Result<PaymentLink>>> made(crowd);
  std::latch all(crowd);
  std::atomic<bool> is_held = false, is_released = false;
  const auto set = [](std::atomic<bool>& flag) {
    flag = true;
    flag.notify_all();
  };
  const auto hold = [&] {
    set(is_held);
    is_released.wait(false);
  };
  for (std::size_t i = 0; i < crowd; ++i) {
    titles.push_back(next_title(service));
    start(
        create_titled(
            service, titles[i], i == 0 ? std::function<void()>(hold) : [] {}),
        [&, i](Result<PaymentLink> link) {
          made[i] = std::move(link);
          set(is_held);  // it may have been refused before it was held
          all.count_down();
        },
        [](std::exception_ptr) { std::abort(); });
    is_held.wait(false);
  }
  set(is_released);
  all.wait();
  for (std::size_t i = 0; i < crowd; ++i) note(service, titles[i], *made[i]);
}

void note(Service& service, const Attempt& attempt) {
  promise(service, Promise::Kind::attempt, attempt.id.uuid().text(),
          std::string(attempt_state_names.name(attempt.state)));
}

std::optional<Attempt> begin(Service& service, const std::optional<PaymentLink>& link,
                             StartOver start_over = StartOver::no) {
  if (!link) return std::nullopt;
  auto begun = run_now(service.payments().start({link->organization, link->resource_id, PaymentMethod::ideal,
                                                 "payer@example.com", Uuid::v4(service.world().random), start_over}));
  if (!begun) return std::nullopt;
  note(service, *begun);
  return *std::move(begun);
}

// The payer's doing at the provider; answers the provider's payment, null when he never got there.
app::ProviderPayment* at_provider(Service& service, const std::optional<Attempt>& attempt) {
  if (!attempt) return nullptr;
  for (auto& [id, payment] : service.world().provider.payments)
    if (payment.attempt == attempt->id.uuid().text()) return &payment;
  return nullptr;
}

void pay(Service& service, const std::optional<Attempt>& attempt) {
  if (const auto* const payment = at_provider(service, attempt)) service.world().provider.pay(payment->id);
}

void settle(Service& service, const std::optional<Attempt>& attempt) {
  if (!attempt) return;
  const auto settled = run_now(service.payments().settle(attempt->organization, attempt->id));
  if (settled) note(service, *settled);
}

void notice(Service& service, const Attempt& attempt) {
  const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
  const auto settled = run_now(service.payments().settle_noticed(attempt.organization, token));
  if (settled) note(service, *settled);
}

void reconcile(Service& service) {
  for (int turn = 0; turn < 5; ++turn) {
    const auto attempts = run_now(service.payments().reconcile_attempts(50));
    const auto refunds = run_now(service.payments().reconcile_refunds(50));
    if (!attempts || !refunds || *attempts + *refunds == 0) return;
  }
}

std::optional<Attempt> paid_attempt(Service& service) {
  auto attempt = begin(service, new_link(service));
  pay(service, attempt);
  settle(service, attempt);
  return attempt;
}

// ---- the flows

void pay_once(Service& service) { paid_attempt(service); }

// Two browsers: the second payment is kept, the first given back.
void pay_twice(Service& service) {
  const auto link = new_link(service);
  const auto first = begin(service, link);
  const auto second = begin(service, link, StartOver::yes);
  pay(service, first);
  pay(service, second);
  settle(service, second);
  settle(service, first);
  reconcile(service);
}

void refund(Service& service) {
  const auto attempt = paid_attempt(service);
  if (!attempt) return;
  const app::RefundPayment command{{attempt->payment_link, attempt->id},
                                   *Money::parse_decimal("3.30", *Currency::parse("EUR"))};
  const auto ask = [&]() -> Task<Result<Refund>> {
    auto asked = co_await service.lane().write(attempt->organization, [&](sql::Transaction& tx) {
      return app::refund_payment(command, service.world().caller(), tx);
    });
    co_return asked;
  };
  if (const auto asked = run_now(ask())) promise(service, Promise::Kind::refund, asked->id.uuid().text());
  reconcile(service);
}

void switch_off(Service& service) {
  const auto link = new_link(service);
  const auto attempt = begin(service, link);
  if (!link) return;
  const app::DeactivatePaymentLink deactivate(service.lane(), service.payments());
  const app::KeepReply<PaymentLink> keep = [](const PaymentLink&, sql::Transaction&) { return Result<>(); };
  const auto done = run_now(deactivate({link->id}, service.world().caller(), keep));
  if (done) promise(service, Promise::Kind::link, link->id.uuid().text(), "canceled");
  settle(service, attempt);
}

void charge_back(Service& service) {
  const auto attempt = paid_attempt(service);
  auto* const payment = at_provider(service, attempt);
  if (payment == nullptr) return;
  const Time now = service.world().clock.now();
  payment->chargebacks.push_back({"chb_" + payment->id, payment->amount, now, {}});
  notice(service, *attempt);
  payment->chargebacks.back().reversed_at = now;
  notice(service, *attempt);
}

// Pages in the middle of the file get free, and those of a link after them move there.
void give_pages_back(Service& service) {
  constexpr std::size_t pages = 40, page_bytes = 4'096;
  const auto write = [&](std::function<Result<bool>(sql::Transaction&)> step) -> Task<Result<bool>> {
    auto done = co_await service.lane().write(sql::Tenant::everybody(), std::move(step));
    co_return done;
  };
  const auto put_ballast = [&](std::size_t bytes) {
    return run_now(write([bytes](sql::Transaction& tx) -> Result<bool> {
      TRY(store::Settings(tx).put("ballast", std::string(bytes, 'b')));
      return true;
    }));
  };
  if (!put_ballast(pages * page_bytes)) return;
  if (!new_link(service)) return;
  if (!put_ballast(1)) return;
  const auto given = run_now(write([](sql::Transaction& tx) { return sql::sqlite::give_back_free_pages(tx, 0); }));
  if (given) new_link(service);
}

constexpr Flow all[] = {{"create a crowd", create_crowd},
                        {"pay", pay_once},
                        {"pay twice", pay_twice},
                        {"refund", refund},
                        {"switch off", switch_off},
                        {"charge back", charge_back},
                        {"give pages back", give_pages_back}};

}  // namespace

std::span<const Flow> flows() { return all; }

Result<> create(Service& service) {
  const auto link = try_new_link(service);
  if (!link) return Failure{link.error()};
  return {};
}

}  // namespace paylink::power
