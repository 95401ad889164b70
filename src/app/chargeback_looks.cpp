#include "app/chargeback_looks.hpp"

#include <algorithm>

#include "app/provider_grants.hpp"
#include "app/provider_word.hpp"
#include "base/log.hpp"
#include "store/events.hpp"
#include "store/money_movements.hpp"

namespace paylink::app {
namespace {

// Notices come again for a day, and banks take weeks. Not all merchants at once.
constexpr std::chrono::hours interval_min{4}, interval_spread{4};

// The payments that something is not known of.
Result<std::vector<std::string>> payments_with_news(const store::ChargebackLook& due,
                                                    const std::vector<ListedChargeback>& listed, sql::Transaction& tx) {
  std::vector<std::string> payments;
  bool is_new = true;
  for (const auto& [payment, chargeback] : listed) {
    // What is older than the last one seen and not known is of payments that we have not made.
    if (chargeback.id == due.seen) is_new = false;
    const auto known = TRY(store::MoneyMovements(tx).find_chargeback(due.connection.organization, chargeback.id));
    const bool is_news = known ? chargeback.reversed_at && !known->reversed_at : is_new;
    if (is_news && std::ranges::find(payments, payment) == payments.end()) payments.push_back(payment);
  }
  return payments;
}

}  // namespace

Task<Result<>> ChargebackLooks::ask_about(OrganizationId organization, ProviderAccess access, std::string payment_id) {
  auto word = co_await provider_.find(access, payment_id);
  if (!word && word.error().code == ErrorCode::not_found) co_return Result<>();
  if (!word) co_return std::move(word).failure();
  const auto attempt = AttemptId::parse(word->attempt);
  if (!attempt) co_return Result<>();  // made by somebody else with the same account
  const auto record = [&](sql::Transaction& tx) { return record_provider_word(organization, *attempt, *word, tx); };
  auto recorded = co_await lane_.write(organization, record);
  if (!recorded && recorded.error().code != ErrorCode::not_found) co_return std::move(recorded).failure();
  co_return Result<>();
}

Task<Result<>> ChargebackLooks::look_over(store::ChargebackLook due) {
  const store::Connection& connection = due.connection;
  const OrganizationId organization = connection.organization;
  if (!connection.grant && connection.api_key_sealed.empty()) co_return Result<>();  // nobody could be paid yet
  const auto load = [&](sql::Transaction& tx) { return access_of(connection, keys_, tx); };
  CO_TRY(access, co_await lane_.read(organization, load));
  if (access.credential.reveal().empty()) co_return Result<>();  // the authorization is over
  auto answer = co_await provider_.chargebacks(access);
  if (!answer && answer.error().reason == "provider_refuses_key" && connection.status == ConnectionStatus::disabled) {
    // The merchant has taken back the key of a connection that is over: it will not be good again.
    const auto end = [&](sql::Transaction& tx) {
      return store::Connections(tx).end_chargeback_looks(organization, connection.id);
    };
    auto ended = co_await lane_.write(organization, end);
    co_return ended;
  }
  if (!answer) co_return std::move(answer).failure();
  const std::vector<ListedChargeback> listed = *std::move(answer);
  if (listed.empty()) co_return Result<>();
  const auto choose = [&](sql::Transaction& tx) { return payments_with_news(due, listed, tx); };
  CO_TRY(payments, co_await lane_.read(organization, choose));
  // One that cannot be read, which may not even be ours, hides no other; it is asked about again with the next list.
  Result<> heard;
  for (const std::string& payment : payments) {
    if (stopping_) co_return Result<>();
    auto asked = co_await ask_about(organization, access, payment);
    if (asked) continue;
    if (asked.error().reason == "provider_answer") {
      const std::string detail = "payment " + payment + ", of a chargeback: " + asked.error().detail;
      const auto alert = [&](sql::Transaction& tx) {
        return store::Events(tx).add_alert(organization, connection.id, "provider_answer", detail);
      };
      CO_CHECK(co_await lane_.write(organization, alert));
    }
    heard = std::move(asked).failure();
  }
  if (!heard) co_return heard;
  if (listed.front().chargeback.id == due.seen) co_return Result<>();
  const auto remember = [&](sql::Transaction& tx) {
    return store::Connections(tx).record_chargebacks_seen(organization, connection.id, listed.front().chargeback.id);
  };
  CO_CHECK(co_await lane_.write(organization, remember));
  co_return Result<>();
}

Task<Result<int>> ChargebackLooks::look(int limit) {
  int found = 0;
  const auto claim = [](sql::Transaction& tx) {
    return store::Connections(tx).claim_chargeback_look(tx.now() + interval_min + jitter(interval_spread, tx.random()));
  };
  for (; found < limit && !stopping_; ++found) {
    CO_TRY(due, co_await lane_.write(sql::Tenant::everybody(), claim));
    if (!due) break;
    const ConnectionId id = due->connection.id;
    auto looked = co_await look_over(*std::move(due));
    if (!looked && !stopping_)
      LOG(warn, "chargebacks_not_listed", {"connection", id.text()}, {"reason", looked.error().reason},
          {"detail", looked.error().detail});
  }
  co_return found;
}

}  // namespace paylink::app
