#include "simulator/notifier.hpp"

#include <iterator>
#include <vector>

#include "base/log.hpp"
#include "base/task.hpp"
#include "base/thread_name.hpp"
#include "simulator/handler.hpp"

namespace paylink::simulator {
namespace {

using std::chrono::minutes;

// Mollie's waits after the first, second, … call: ten calls over 26 hours.
constexpr minutes waits[] = {minutes(1),  minutes(2),  minutes(4),   minutes(8),   minutes(16),
                             minutes(29), minutes(60), minutes(120), minutes(1320)};
constexpr std::size_t under_way_max = 32;

constexpr std::string_view select_due =
    "SELECT number, payment_id, url, tries FROM notifications WHERE due_at <= $1 ORDER BY due_at LIMIT $2";

constexpr std::string_view delete_sent = "DELETE FROM notifications WHERE number = $1";

constexpr std::string_view count_try = "UPDATE notifications SET tries = tries + 1 WHERE number = $1 RETURNING tries";

constexpr std::string_view put_off = "UPDATE notifications SET due_at = $2 WHERE number = $1";

struct Outcome {
  std::int64_t number;
  Time sent_at;             // from which the next wait counts
  int status;               // 0: no answer
  bool is_put_off = false;  // not sent yet, but at `sent_at`
};

http::ClientRequest notification(std::string_view url, std::string_view payment_id) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}, {"User-Agent", "Mollie HTTP client/1.0"}};
  request.body = "id=" + std::string(payment_id);
  request.timeout = std::chrono::seconds(15);
  return request;
}

Result<> record(sql::Transaction& tx, const Outcome& outcome) {
  if (outcome.is_put_off) return tx.defer(put_off, {outcome.number, outcome.sent_at});
  if (outcome.status >= 200 && outcome.status < 300) return tx.defer(delete_sent, {outcome.number});
  const sql::Rows rows = TRY(tx.query(count_try, {outcome.number}));
  if (rows.empty()) return {};
  const auto tries = static_cast<std::size_t>(rows.front().integer(0));
  if (tries > std::size(waits)) return tx.defer(delete_sent, {outcome.number});
  return tx.defer(put_off, {outcome.number, outcome.sent_at + waits[tries - 1]});
}

}  // namespace

struct Notifier::Inbox {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  bool woken = false;
  std::vector<Outcome> outcomes;

  void add(const Outcome& outcome) {
    const std::lock_guard lock(mutex);
    outcomes.push_back(outcome);
    changed.notify_one();
  }
};

Notifier::Notifier(Database& database, http::Client& client, FaultDial& faults)
    : database_(database), client_(client), faults_(faults), inbox_(std::make_shared<Inbox>()) {}

Notifier::~Notifier() { stop(); }

void Notifier::start() {
  thread_ = std::thread([this] { run(); });
}

void Notifier::stop() {
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->stopping = true;
    inbox_->changed.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Notifier::wake() {
  const std::lock_guard lock(inbox_->mutex);
  inbox_->woken = true;
  inbox_->changed.notify_one();
}

void Notifier::run() {
  name_thread("notifier");
  for (;;) {
    try {
      auto done = record_outcomes();
      if (done) done = send_due();
      if (!done) LOG(error, "simulator_notifier", {"detail", done.error().detail});
    } catch (const std::exception& exception) {
      LOG(error, "simulator_notifier", {"detail", exception.what()});
    }
    std::unique_lock lock(inbox_->mutex);
    inbox_->changed.wait_for(lock, std::chrono::milliseconds(100),
                             [this] { return inbox_->stopping || inbox_->woken || !inbox_->outcomes.empty(); });
    if (inbox_->stopping) return;
    inbox_->woken = false;
  }
}

Result<> Notifier::record_outcomes() {
  std::vector<Outcome> outcomes;
  {
    const std::lock_guard lock(inbox_->mutex);
    outcomes.swap(inbox_->outcomes);
  }
  if (outcomes.empty()) return {};
  for (const Outcome& outcome : outcomes) under_way_.erase(outcome.number);
  return database_.write([&](sql::Transaction& tx) -> Result<> {
    for (const Outcome& outcome : outcomes) TRY(record(tx, outcome));
    return {};
  });
}

Result<> Notifier::send_due() {
  sql::Rows due;
  Time now;
  const auto step = [&](sql::Transaction& tx) -> Result<> {
    TRY(let_time_pass(tx));
    now = tx.now();
    due = TRY(tx.query(select_due, {now, static_cast<std::int64_t>(under_way_max)}));
    return {};
  };
  TRY(database_.write(step));
  for (std::size_t i = 0; i < due.size() && under_way_.size() < under_way_max; ++i) {
    const std::int64_t number = due[i].integer(0);
    if (!under_way_.insert(number).second) continue;
    const bool is_first = due[i].integer(3) == 0 && delayed_.erase(number) == 0;
    if (is_first && meets_fault(number, now, due[i].text(2), due[i].text(1))) continue;
    send(number, now, due[i].text(2), due[i].text(1));
  }
  return {};
}

void Notifier::send(std::int64_t number, Time now, std::string_view url, std::string_view payment_id) {
  const auto failed = [inbox = inbox_, number, now](const std::exception_ptr&) noexcept {
    inbox->add({number, now, 0});
  };
  const auto done = [inbox = inbox_, number, now](Result<http::ClientResponse> answer) noexcept {
    inbox->add({number, now, answer ? answer->status : 0});
  };
  paylink::start(client_.send(notification(url, payment_id)), done, failed);
}

// True: it is not to be sent now.
bool Notifier::meets_fault(std::int64_t number, Time now, std::string_view url, std::string_view payment_id) {
  const auto hit = faults_.next(Operation::notification);
  if (!hit) return false;
  LOG(info, "simulator_notification_fault", {"fault", fault_names.name(hit->rule.fault)}, {"payment", payment_id});
  switch (hit->rule.fault) {
    case Fault::drop:
      inbox_->add({number, now, 200});
      return true;
    case Fault::delay:
    case Fault::reorder:
      delayed_.insert(number);
      inbox_->add({number, now + hit->time, 0, true});
      return true;
    case Fault::duplicate:
      // What becomes of the second is nobody's business.
      paylink::start(
          client_.send(notification(url, payment_id)), [](const Result<http::ClientResponse>&) noexcept {},
          [](const std::exception_ptr&) noexcept {});
      return false;
    default:
      return false;
  }
}

}  // namespace paylink::simulator
