#include "app/sign_in.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "base/log.hpp"
#include "domain/email.hpp"

namespace paylink::app {
namespace {

// One thing that is counted, by a keyed hash: who reads the table learns neither addresses nor networks.
struct Counted {
  std::string subject;
  std::int64_t max;
};

std::vector<Counted> counted_by(const std::string& email, const std::vector<CountedNetwork>& networks,
                                const crypto::KeyRing& keys) {
  std::vector<Counted> counted;
  for (const CountedNetwork& network : networks) {
    counted.push_back({keys.hash_token("wrong passwords of an account|" + network.name + "|" + email),
                       std::int64_t{network.share} * wrong_passwords_of_account_max});
    // A wide network is that of many people: so much that none of them locks out the others.
    const std::int64_t people = network.share == 1 ? 1 : std::int64_t{network.share} * 16;
    counted.push_back(
        {keys.hash_token("wrong passwords of a network|" + network.name), people * wrong_passwords_of_network_max});
  }
  return counted;
}

// The widest network the client is in, of which he may own every part.
CountedNetwork widest(const std::vector<CountedNetwork>& networks) {
  return networks.empty() ? CountedNetwork() : networks.back();
}

std::vector<Counted> counted_when_right(const std::string& email, const CountedNetwork& network,
                                        const crypto::KeyRing& keys) {
  return {{keys.hash_token("right passwords of an account|" + email), right_passwords_of_account_max},
          {keys.hash_token("right passwords from a network|" + network.name + "|" + email),
           std::int64_t{network.share} * right_passwords_of_network_max}};
}

std::vector<std::string> subjects_of(const std::vector<Counted>& counted) {
  std::vector<std::string> subjects;
  for (const Counted& one : counted) subjects.push_back(one.subject);
  return subjects;
}

Failure too_many_attempts(Time began, Time now) {
  Failure failure =
      fail(ErrorCode::rate_limited, "too_many_attempts", "There were too many attempts. Wait before you try again.");
  const auto wait = std::chrono::ceil<std::chrono::seconds>(began + passwords_window - now);
  failure.error().retry_after_seconds = std::max<std::int64_t>(wait.count() + 1, 1);
  return failure;
}

// Fails when none of them has any left.
Result<> check_right_ones(const std::vector<Counted>& counted, Time begin, sql::Transaction& tx) {
  Time first = tx.now();
  for (const Counted& one : counted) {
    const auto count = TRY(store::SignInFailures(tx).find(one.subject, begin));
    if (!count || count->failures < one.max) return {};
    first = std::min(first, count->started_at);
  }
  return too_many_attempts(first, tx.now());
}

// Counts a try for everything it counts for, or, when one of them has no more left, for nothing.
Result<> reserve(const std::vector<Counted>& counted, sql::Transaction& tx) {
  store::SignInFailures failures(tx);
  const Time begin = tx.now() - passwords_window;
  // Looked at first, so that what is refused writes nothing.
  for (const Counted& one : counted) {
    const auto count = TRY(failures.find(one.subject, begin));
    if (count && count->failures >= one.max) return too_many_attempts(count->started_at, tx.now());
  }
  for (const Counted& one : counted) {
    const auto count = TRY(failures.add(one.subject, begin));
    if (count.failures > one.max) return too_many_attempts(count.started_at, tx.now());  // others were quicker
  }
  return {};
}

Failure wrong_password() {
  return fail(ErrorCode::unauthenticated, "wrong_password", "The e-mail address or the password is wrong.");
}

// Not what was typed: passwords get into the field of the address, too.
void log_wrong_password(const std::optional<store::User>& user, const std::vector<CountedNetwork>& networks) {
  const std::string whose = user ? user->id.text() : std::string();
  const std::string from = networks.empty() ? std::string() : networks.front().name;
  LOG(warn, "wrong_password", {"user", whose}, {"network", from});
}

// Of what came after the password was found to be right: whether it still counts as a try that has to be taken back.
// What may have been stored has been taken back with it.
bool was_right(const Error& error) { return error.reason != "wrong_password" && error.reason != "outcome_unknown"; }

}  // namespace

Task<Result<SignIn::Proof>> SignIn::prove(Claim claim) {
  const std::string email = normal_email(claim.email);
  const CountedNetwork network = widest(claim.networks);
  const auto counted = counted_by(email, claim.networks, keys_);
  const auto right = counted_when_right(email, network, keys_);
  const auto begin = [&](sql::Transaction& tx) -> Result<std::optional<store::User>> {
    TRY(check_right_ones(right, tx.now() - passwords_window, tx));
    TRY(reserve(counted, tx));
    return store::Members(tx).find_user_by_email(email);
  };
  CO_TRY(user, co_await lane_.write(sql::Tenant::nobody(), begin));
  Proof proof{{}, {}, subjects_of(counted), subjects_of(right), network.name};
  auto hash = user ? user->password_hash : crypto::nobodys_password_hash();
  auto checked = co_await passwords_.check(claim.password, std::move(hash), network.name);
  if (!checked) {
    co_await take_back(proof.subjects);
    co_return std::move(checked).failure();
  }
  if (!user || *checked == crypto::PasswordCheck::wrong) {
    log_wrong_password(user, claim.networks);
    co_return wrong_password();
  }
  proof.user = *std::move(user);
  if (*checked == crypto::PasswordCheck::right_but_outdated)
    if (auto renewed = co_await passwords_.hash(claim.password, network.name)) proof.renewed_hash = *std::move(renewed);
  co_return std::move(proof);
}

// Of a try that came to nothing for a reason of ours. If this fails too, it counts as a wrong password.
Task<void> SignIn::take_back(const std::vector<std::string>& subjects) {
  const auto step = [&subjects](sql::Transaction& tx) -> Result<> {
    for (const std::string& subject : subjects) TRY(store::SignInFailures(tx).take_back(subject));
    return {};
  };
  [[maybe_unused]] const auto taken_back = co_await lane_.write(sql::Tenant::nobody(), step);
}

// Belongs to the transaction of what is done because of the proof. A password that was changed since is not right any
// more: whoever changed it has ended all sessions, and none may begin after that.
Result<> SignIn::accept(const Proof& proof, sql::Transaction& tx) {
  const auto user = TRY(store::Members(tx).lock_user(proof.user.id));
  if (!user || user->password_hash != proof.user.password_hash) return wrong_password();
  store::SignInFailures failures(tx);
  for (const std::string& subject : proof.subjects) TRY(failures.take_back(subject));
  for (const std::string& subject : proof.right_subjects) TRY(failures.add(subject, tx.now() - passwords_window));
  if (!proof.renewed_hash.empty()) TRY(store::Members(tx).renew_password_hash(user->id, proof.renewed_hash));
  return {};
}

// People are locked before their sessions, here as in signing in.
Result<NewSession> SignIn::accept_again(const Proof& proof, const SignedIn& signed_in, sql::Transaction& tx) const {
  if (proof.user.id != signed_in.user) return signed_out();
  TRY(accept(proof, tx));
  const bool is_found = TRY(is_live(signed_in, tx));
  if (!is_found) return signed_out();
  return renew_session(signed_in, keys_, tx);
}

Task<Result<NewSession>> SignIn::sign_in(Claim claim, Browser browser) {
  CO_TRY(proof, co_await prove(std::move(claim)));
  const auto begin = [&](sql::Transaction& tx) -> Result<NewSession> {
    TRY(accept(proof, tx));
    if (browser.presented) {
      const auto before = TRY(find_session(*browser.presented, tx));
      if (before) TRY(end_session(*before, tx));
    }
    TRY(audit({AuditAction::signed_in, actor_of(proof.user.id), {}, proof.user.id.text()}, tx));
    return begin_session(proof.user.id, browser.user_agent, keys_, tx);
  };
  auto begun = co_await lane_.write(sql::Tenant::nobody(), begin);
  if (!begun && was_right(begun.error())) co_await take_back(proof.subjects);
  co_return std::move(begun);
}

Task<Result<NewSession>> SignIn::authenticate_again(SignedIn signed_in, Secret password,
                                                    std::vector<CountedNetwork> networks) {
  Claim claim{signed_in.email, std::move(password), std::move(networks)};
  CO_TRY(proof, co_await prove(std::move(claim)));
  const auto renew = [&](sql::Transaction& tx) -> Result<NewSession> {
    auto renewed = TRY(accept_again(proof, signed_in, tx));
    TRY(audit({AuditAction::authenticated_again, actor_of(signed_in.user), {}, signed_in.user.text()}, tx));
    return renewed;
  };
  auto renewed = co_await lane_.write(sql::Tenant::nobody(), renew);
  if (!renewed && was_right(renewed.error())) co_await take_back(proof.subjects);
  co_return std::move(renewed);
}

Task<Result<NewSession>> SignIn::change_password(SignedIn signed_in, ChangePassword change,
                                                 std::vector<CountedNetwork> networks) {
  Claim claim{signed_in.email, std::move(change.current), std::move(networks)};
  CO_TRY(proof, co_await prove(std::move(claim)));
  auto hash = co_await passwords_.hash(std::move(change.chosen), proof.network);
  if (!hash) {
    co_await take_back(proof.subjects);
    co_return std::move(hash).failure();
  }
  proof.renewed_hash.clear();
  const auto store_it = [&](sql::Transaction& tx) -> Result<NewSession> {
    auto renewed = TRY(accept_again(proof, signed_in, tx));
    TRY(store::Members(tx).set_password_hash(signed_in.user, *hash));
    TRY(audit({AuditAction::password_changed, actor_of(signed_in.user), {}, signed_in.user.text()}, tx));
    TRY(end_other_sessions(renewed.session, tx));
    return renewed;
  };
  auto stored = co_await lane_.write(sql::Tenant::nobody(), store_it);
  if (!stored && was_right(stored.error())) co_await take_back(proof.subjects);
  co_return std::move(stored);
}

}  // namespace paylink::app
