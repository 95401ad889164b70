#include "app/offered_methods.hpp"

#include "app/provider_grants.hpp"
#include "base/log.hpp"
#include "store/connections.hpp"

namespace paylink::app {
namespace {

constexpr std::chrono::seconds remembered_for{60};
constexpr std::size_t answers_max = 10'000;

struct AskedMethods {
  ConnectionId connection;
  ProviderAccess access;
};

// iDEAL pays euros only, whatever anybody says: the page hides it for another currency.
PaymentMethods that_take(PaymentMethods methods, const MethodsQuestion& question) {
  if (question.amount && question.amount->currency().code() != "EUR") std::erase(methods, PaymentMethod::ideal);
  return methods;
}

}  // namespace

OfferedMethods::OfferedMethods(Lane& lane, PaymentProvider& provider, const crypto::KeyRing& keys, const Clock& clock)
    : lane_(lane), provider_(provider), keys_(keys), answers_(clock, remembered_for, answers_max) {}

Task<Result<PaymentMethods>> OfferedMethods::operator()(MethodsQuestion question, Caller caller) {
  const auto look = [&](sql::Transaction& tx) -> Result<std::optional<AskedMethods>> {
    const auto connection = TRY(store::Connections(tx).enabled(caller.organization));
    if (!connection) return std::optional<AskedMethods>();
    auto access = TRY(access_of(*connection, keys_, tx));
    return std::optional<AskedMethods>(AskedMethods{connection->id, std::move(access)});
  };
  CO_TRY(asked, co_await lane_.read(caller.organization, look));
  if (!asked) co_return PaymentMethods();
  std::string about = asked->connection.text() + "|" + question.locale;
  if (question.amount) about.append("|" + question.amount->decimal()).append(question.amount->currency().code());
  const auto ask = [&] { return provider_.methods(asked->access, question); };
  auto answer = co_await answers_.answer(std::move(about), ask);
  if (answer) co_return that_take(*std::move(answer), question);
  LOG(warn, "provider_silent", {"about", "methods"}, {"reason", answer.error().reason},
      {"detail", answer.error().detail});
  co_return fail(ErrorCode::unavailable, "provider_unavailable",
                 "The payment provider does not say at the moment which methods it offers. Try again.");
}

}  // namespace paylink::app
