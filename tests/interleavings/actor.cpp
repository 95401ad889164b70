#include "actor.hpp"

#include "crypto/digest.hpp"

namespace paylink::interleavings {
namespace {

bool is_read(std::string_view statement) {
  const auto begin = statement.find_first_not_of(" \n");
  return statement.substr(begin == std::string_view::npos ? 0 : begin).starts_with("SELECT");
}

std::string text_of(const std::vector<app::ListedChargeback>& list) { return std::to_string(list.size()); }
std::string text_of(const PaymentMethods& methods) { return std::to_string(methods.size()); }
std::string text_of(const app::ProviderProfile& profile) { return profile.id; }

}  // namespace

std::string text_of(const app::ProviderPayment& word) {
  std::string text = word.id + " " + std::string(attempt_state_names.name(word.state)) + " " + word.attempt + " " +
                     word.checkout_url + (word.cancelable ? " cancelable " : " ") +
                     std::string(word.method ? payment_method_names.name(*word.method) : "");
  for (const app::ProviderRefund& refund : word.refunds) text += " " + text_of(refund);
  return text;
}

std::string text_of(const app::ProviderRefund& word) {
  return word.id + " " + std::to_string(static_cast<int>(word.state)) + " " + word.refund;
}

std::string text_of(const sql::Rows& rows) {
  std::string text = std::to_string(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t column = 0; column < rows.columns(); ++column) {
      text += '|';
      if (rows[i].is_null(column)) continue;
      if (rows[i].is_integer(column)) {
        text += 'i' + std::to_string(rows[i].integer(column));
        continue;
      }
      const auto bytes = rows[i].text(column);
      text += 't' + std::to_string(bytes.size()) + ':';
      text += bytes;
    }
  }
  return text;
}

void Actor::hear(std::string_view word) { heard_ = crypto::sha256(heard_ + std::string(word)); }

void Actor::keep_in_mind(std::string_view word) {
  heard_.clear();
  hear(word);
}

std::string Actor::mind() const { return is_done() ? std::string() : heard_ + std::to_string(random.used()); }

// Hears every row that a work reads, and remembers what it wrote.
class ActorLane::Ears final : public sql::Transaction {
 public:
  Ears(sql::Transaction& inner, ActorLane& lane)
      : Transaction(inner.now(), inner.random()), inner_(inner), lane_(lane) {
    lane_.actor_.hear(std::to_string(to_microseconds(now())));
  }

  Result<sql::Rows> query(std::string_view statement, sql::Values values) override {
    return hear(statement, values, inner_.query(statement, values));
  }
  Result<sql::Rows> lock(std::string_view statement, sql::Values values) override {
    return hear(statement, values, inner_.lock(statement, values));
  }
  Result<sql::Rows> claim(std::string_view statement, sql::Values values) override {
    return hear(statement, values, inner_.claim(statement, values));
  }
  Result<> defer(std::string_view statement, sql::Values values) override {
    remember(statement, values);
    auto done = inner_.defer(statement, values);
    lane_.actor_.hear(done ? "done" : done.error().reason);
    return done;
  }
  Result<> add(std::string_view statement, const Uuid& organization, std::string_view name, std::int64_t amount,
               const sql::Entry& entry) override {
    const sql::Value values[] = {organization, name, 0, amount};
    remember(statement, values);
    return inner_.add(statement, organization, name, amount, entry);
  }
  Result<bool> try_claim(std::string_view key) override { return inner_.try_claim(key); }

 private:
  Result<sql::Rows> hear(std::string_view statement, sql::Values values, Result<sql::Rows> rows) {
    if (!is_read(statement)) remember(statement, values);
    lane_.actor_.hear(rows ? text_of(*rows) : rows.error().reason);
    return rows;
  }
  void remember(std::string_view statement, sql::Values values) {
    if (lane_.breakage_ == Breakage::none) return;
    Write write{statement, {values.begin(), values.end()}};
    for (sql::Value& value : write.values) own(value);
    lane_.writes_.push_back(std::move(write));
  }
  void own(sql::Value& value) {
    const auto keep = [this](std::string_view bytes) -> std::string_view { return lane_.texts_.emplace_back(bytes); };
    if (const auto* text = std::get_if<std::string_view>(&value.state()))
      value = keep(*text);
    else if (const auto* blob = std::get_if<sql::Blob>(&value.state()))
      value = sql::Blob{keep(blob->bytes)};
  }

  sql::Transaction& inner_;
  ActorLane& lane_;
};

Result<> ActorLane::run(app::Work& work, bool keep) {
  writes_.clear();
  texts_.clear();
  Result<> outcome;
  database_.random_of_work = &actor_.random;
  auto stored = database_.write(work.tenant(), [&](sql::Transaction& tx) -> Result<> {
    Ears ears(tx, *this);
    outcome = work.run(ears);
    if (outcome && !keep) return fail(ErrorCode::unavailable, "not_yet", {});
    return outcome;
  });
  database_.random_of_work = &database_.random;
  return outcome;
}

// Nobody looks again whether what was true when they were decided upon still is.
Result<> ActorLane::repeat_writes(const sql::Tenant& tenant) {
  return database_.write(tenant, [&](sql::Transaction& tx) -> Result<> {
    for (const Write& write : writes_) TRY(tx.query(write.statement, write.values));
    return {};
  });
}

void ActorLane::submit_write(app::Work& work) noexcept {
  actor_.wait([this, &work] {
    if (breakage_ == Breakage::none) return work.done(run(work, true));
    auto outcome = run(work, false);
    if (!outcome || writes_.empty()) return work.done(std::move(outcome));
    actor_.wait([this, &work] { work.done(repeat_writes(work.tenant())); });
  });
}

void ActorLane::submit_read(app::Work& work) noexcept {
  actor_.wait([this, &work] { work.done(run(work, true)); });
}

template <class Call>
std::invoke_result_t<Call&> ActorProvider::in_turn(Call call) {
  co_await actor_.turn();
  auto word = co_await call();
  actor_.hear(word ? text_of(*word) : word.error().reason);
  co_return word;
}

Task<Result<app::ProviderPayment>> ActorProvider::create(const app::ProviderAccess& access,
                                                         app::NewProviderPayment payment) {
  return in_turn([this, &access, payment] { return provider_.create(access, payment); });
}

Task<Result<app::ProviderPayment>> ActorProvider::find(const app::ProviderAccess& access, std::string payment_id) {
  return in_turn([this, &access, payment_id] { return provider_.find(access, payment_id); });
}

Task<Result<app::ProviderPayment>> ActorProvider::cancel(const app::ProviderAccess& access, std::string payment_id) {
  return in_turn([this, &access, payment_id] { return provider_.cancel(access, payment_id); });
}

Task<Result<app::ProviderRefund>> ActorProvider::refund(const app::ProviderAccess& access, std::string payment_id,
                                                        app::NewProviderRefund refund) {
  return in_turn([this, &access, payment_id, refund] { return provider_.refund(access, payment_id, refund); });
}

Task<Result<app::ProviderRefund>> ActorProvider::find_refund(const app::ProviderAccess& access, std::string payment_id,
                                                             std::string refund_id) {
  return in_turn(
      [this, &access, payment_id, refund_id] { return provider_.find_refund(access, payment_id, refund_id); });
}

Task<Result<std::vector<app::ListedChargeback>>> ActorProvider::chargebacks(const app::ProviderAccess& access) {
  return in_turn([this, &access] { return provider_.chargebacks(access); });
}

Task<Result<PaymentMethods>> ActorProvider::methods(const app::ProviderAccess& access, app::MethodsQuestion question) {
  return in_turn([this, &access, question] { return provider_.methods(access, question); });
}

Task<Result<app::ProviderProfile>> ActorProvider::profile(const app::ProviderAccess& access) {
  return in_turn([this, &access] { return provider_.profile(access); });
}

}  // namespace paylink::interleavings
