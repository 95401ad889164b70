// Notices of one payment in every order, again and again, forged and early (quality: W2). They go through the route
// that Mollie calls, with the real stores. When a notice is heard, the provider says how things stood when it was sent:
// what is late tells less than is known, and must undo nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "app/testing.hpp"
#include "providers/mollie/notifications.hpp"
#include "runtime/dispatcher.hpp"

namespace paylink {
namespace {

using namespace std::chrono_literals;
using app::ProviderChargeback;
using app::ProviderRefundState;
using app::StartOver;
using app::testing::Shop;

class Notice final : public http::Exchange {
 public:
  Notice(const std::string& path, std::string_view body) : path_(path) {
    request_.method = http::Method::post;
    request_.target = request_.path = path_;
    request_.body = body;
  }
  const http::Request& request() const override { return request_; }
  void respond(http::Response response) noexcept override { status = response.status; }
  void respond_on_loop(std::function<http::Response()> make) noexcept override { respond(make()); }
  void continue_on_loop(std::function<void()> step) noexcept override { step(); }

  int status = 0;

 private:
  std::string path_;
  http::Request request_;
};

// What was so when a notice of the first payment was sent. The second has been paid and kept, so that the first is
// refunded.
enum Event : std::uint8_t { paid, refund_processing, refunded, charged_back, chargeback_reversed, paid_again_late };
constexpr std::size_t event_count = 6;

class Notices : public ::testing::Test, public Shop {
 protected:
  static http::Response encode_error(const Error& error, const http::Request&) {
    return {error.code == ErrorCode::unavailable ? 503 : 500, "text/plain", error.reason, {}};
  }
  static runtime::DispatcherOptions options() {
    runtime::DispatcherOptions options;
    options.encode_error = encode_error;
    return options;
  }

  int notify(const std::string& word, std::string_view body = "id=tr_1") {
    Notice notice("/notifications/mollie/" + word, body);
    dispatcher.handle(notice);
    return notice.status;
  }

  // Two payers: the second's money is kept, and of the first nothing is known yet.
  void begin_twice() {
    link = store::testing::add_link(database, organization.id);
    first = begin();
    second = begin(StartOver::yes);
    provider.pay(second->provider_payment_id);
    EXPECT_EQ(notify(app::attempt_word(*second)), 200);
  }

  void stand_as_at(Event event) {
    auto& payment = provider.payments.at(first->provider_payment_id);
    payment.state = AttemptState::paid;
    payment.checkout_url.clear();
    payment.chargebacks.clear();
    const std::string id = "chb_" + first->provider_payment_id.substr(3);
    if (event == charged_back) payment.chargebacks = {{id, first->amount, first->created_at, {}}};
    if (event == chargeback_reversed) payment.chargebacks = {{id, first->amount, first->created_at, first->created_at}};
    const bool done = event == refunded || event == charged_back || event == chargeback_reversed;
    provider.refund_state = done ? ProviderRefundState::refunded : ProviderRefundState::pending;
    for (auto& refund : provider.refunds) refund.state = provider.refund_state;
  }

  void deliver(Event event) {
    stand_as_at(event);
    EXPECT_EQ(notify(app::attempt_word(*first), "id=" + first->provider_payment_id), 200);
    database.clock.advance(1min);
    ASSERT_TRUE(app::testing::now(payments.reconcile_refunds(50)));
  }

  // In the end: the first was paid and given back, and what its payer's bank took has come back.
  void expect_truth() {
    stand_as_at(chargeback_reversed);
    for (int i = 0; i < 8 && database.number("SELECT COUNT(*) FROM refunds WHERE state <> 'refunded'") > 0; ++i) {
      database.clock.advance(20min);
      ASSERT_TRUE(app::testing::now(payments.reconcile_refunds(50)));
    }
    EXPECT_EQ(stored(*first).state, AttemptState::paid);
    EXPECT_EQ(status(), LinkStatus::paid);
    EXPECT_EQ(of_first("SELECT COUNT(*) FROM captures WHERE kept = 0 AND attempt_id = $1"), 1);
    EXPECT_EQ(of_first("SELECT COUNT(*) FROM refunds WHERE state = 'refunded' AND attempt_id = $1"), 1);
    EXPECT_EQ(of_first("SELECT COUNT(*) FROM chargebacks WHERE reversed_at IS NOT NULL AND attempt_id = $1"), 1);
    EXPECT_EQ(of_first("SELECT COUNT(*) FROM chargebacks WHERE reversed_at IS NULL AND attempt_id = $1"), 0);
    EXPECT_EQ(
        of_first(
            "SELECT COUNT(*) FROM ledger_entries WHERE account = 'provider' AND amount_minor > 0 AND attempt_id = $1"),
        2)
        << "in, and in again";
    EXPECT_EQ(
        of_first(
            "SELECT COUNT(*) FROM ledger_entries WHERE account = 'provider' AND amount_minor < 0 AND attempt_id = $1"),
        2)
        << "back, and taken";
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM captures WHERE kept = 1"), ++kept) << "one a link";
  }
  std::int64_t of_first(std::string_view statement) {
    const sql::Value values[] = {first->id};
    return database.ask(statement, values).front().integer(0);
  }

  runtime::Dispatcher dispatcher{options(), providers::mollie::notification_routes(payments, encode_error), lane, keys,
                                 database.clock};
  std::optional<Attempt> first, second;
  std::int64_t kept = 0;
};

TEST_F(Notices, EndAtTheTruthInEveryOrder) {
  std::array<std::uint8_t, event_count> order{};
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  int orders = 0;
  do {
    SCOPED_TRACE(
        std::accumulate(order.begin(), order.end(), std::string("order"),
                        [](std::string text, std::uint8_t event) { return text + " " + std::to_string(event); }));
    begin_twice();
    for (const std::uint8_t event : order) deliver(static_cast<Event>(event));
    expect_truth();
    ++orders;
  } while (std::ranges::next_permutation(order).found && !HasFailure());
  EXPECT_EQ(orders, 720);
  expect_sound_books_of_many();
}

TEST_F(Notices, MayComeAThousandTimes) {
  begin_twice();
  for (int i = 0; i < 1000; ++i) deliver(static_cast<Event>(i * 7 % static_cast<int>(event_count)));
  expect_truth();
  const auto known = database.number("SELECT COUNT(*) FROM ledger_entries"),
             told = database.number("SELECT COUNT(*) FROM outbox_events");
  for (int i = 0; i < 1000; ++i) deliver(chargeback_reversed);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM ledger_entries"), known);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), told);
  expect_sound_books_of_many();
}

// Whoever finds out where notices go can make us ask, and nothing else.
TEST_F(Notices, MayBeForged) {
  begin_twice();
  const std::string right = app::attempt_word(*first);
  std::string other = right;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  const int asked = provider.finds;
  for (const std::string& word : {std::string("x"), other, std::string(43, 'A'), right + "A"}) {
    SCOPED_TRACE(word);
    EXPECT_EQ(notify(word), 200) << "nothing can be learnt here";
  }
  EXPECT_EQ(provider.finds, asked);
  for (const std::string_view body : {"id=tr_2", "id=tr_unknown", "id=", "status=paid", "\x01", ""}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(notify(right, body), 200);
    EXPECT_EQ(stored(*first).state, AttemptState::canceled) << "as the provider says: it was superseded, and canceled";
  }
  EXPECT_EQ(of_first("SELECT COUNT(*) FROM captures WHERE 1 = 1 AND attempt_id = $1"), 0);
}

// The provider may speak of a payment before it has answered who asked for it.
TEST_F(Notices, MayComeBeforeThePaymentIsMade) {
  provider.during_create = [this] {
    const auto ids = database.ask("SELECT id FROM attempts");
    ASSERT_EQ(ids.size(), 1U);
    first = *database.write(organization.id, [&](sql::Transaction& tx) {
      return store::Attempts(tx).find(organization.id, AttemptId(ids.front().uuid(0)));
    });
    EXPECT_EQ(notify(app::attempt_word(*first)), 200);
    provider.pay("tr_1");
    EXPECT_EQ(notify(app::attempt_word(*first)), 200);
  };
  EXPECT_EQ(begin().state, AttemptState::paid);
  EXPECT_EQ(provider.payments.size(), 1U) << "both asked with the same key";
  EXPECT_EQ(status(), LinkStatus::paid);
  expect_sound_books();
}

}  // namespace
}  // namespace paylink
